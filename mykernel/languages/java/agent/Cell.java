package mykernel;

import java.util.stream.Collectors;
import jdk.jshell.Diag;

/** A cell's name and code. */
record Cell(String name, String code) {
    // UTF-16 units of a line that are shown before and behind an error.
    private static final int MOST = 80;

    /** The line, from 1, of a position in UTF-16 units from 0. */
    int line(int position) {
        int end = Math.max(0, Math.min(position, code.length()));
        return 1 + (int) code.substring(0, end).chars().filter(unit -> unit == '\n').count();
    }

    String at(int position) {
        return "\n    at " + name + ":" + line(position);
    }

    /** What the compiler says, where, and the line with a mark under the place. */
    String explained(int offset, Diag error) {
        String message = error.getMessage(null).lines().map(String::strip)
                .filter(line -> !line.matches("location: +class")).collect(Collectors.joining("; "));
        int start = Math.max(0, Math.min((int) error.getStartPosition() + offset, code.length()));
        int lineStart = code.lastIndexOf('\n', start - 1) + 1;
        int lineEnd = code.indexOf('\n', start);
        int from = Math.max(lineStart, start - MOST);
        int to = Math.min(lineEnd < 0 ? code.length() : lineEnd, start + MOST);
        int width = Math.min((int) error.getEndPosition() + offset, to) - start;
        String mark = width < 2 ? "^" : "^" + "-".repeat(width - 2) + "^";
        // A tab is as wide below as above.
        String indent = code.substring(from, start).replaceAll("[^\t]", " ");
        return Trace.tidy(message) + at(start) + "\n    " + code.substring(from, to)
                + "\n    " + indent + mark;
    }
}
