package mykernel;

import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import jdk.jshell.Snippet;
import jdk.jshell.SourceCodeAnalysis;
import jdk.jshell.SourceCodeAnalysis.Completeness;
import jdk.jshell.SourceCodeAnalysis.CompletionInfo;

/** A snippet's source in a cell. offset: UTF-16 units from 0, where it begins there. */
record Part(int offset, String source) {
    private static final int WINDOW = 1000;
    private static final Pattern BLANK = Pattern.compile("(?:\\s|//.*|/\\*(?!\\*)(?s:.*?)\\*/)++");

    /** All parts of a cell. What does not parse is the last one. */
    static List<Part> split(SourceCodeAnalysis analysis, String code) {
        List<Part> parts = new ArrayList<>();
        for (int offset = 0; offset < code.length(); ) {
            Matcher blank = BLANK.matcher(code).region(offset, code.length());
            // The compiler counts an expression's lines from where its snippet begins.
            if (blank.lookingAt()) offset = blank.end();
            Part part = first(analysis, code, offset);
            if (part == null) break;
            parts.add(part);
            offset += Math.max(1, Math.min(part.source.length(), code.length() - offset));
        }
        return parts;
    }

    /** The part that begins there, which is all the rest where that does not parse; null for none. */
    private static Part first(SourceCodeAnalysis analysis, String code, int offset) {
        // JShell looks through all that it is given.
        for (int length = WINDOW; ; length *= 2) {
            String rest = code.substring(offset, Math.min(code.length(), offset + length));
            boolean all = offset + rest.length() == code.length();
            CompletionInfo info = analysis.analyzeCompletion(rest);
            boolean whole = info.completeness().isComplete() && info.source() != null;
            if (all && info.completeness() == Completeness.EMPTY) return null;
            // What reaches to the end of what was seen may go on behind it.
            if (whole && (all || !info.remaining().isBlank())) return new Part(offset, info.source());
            if (all) return new Part(offset, rest);
        }
    }

    /** Where the statements and variables at the code's end begin, behind methods, classes and imports. */
    static int statements(SourceCodeAnalysis analysis, String code) {
        int offset = code.length();
        List<Part> parts = split(analysis, code);
        for (int i = parts.size() - 1; i >= 0; i--) {
            List<Snippet> snippets = analysis.sourceToSnippets(parts.get(i).source);
            boolean last = i == parts.size() - 1;
            if (!last && snippets.stream().anyMatch(one -> switch (one.kind()) {
                case METHOD, TYPE_DECL, IMPORT -> true;
                default -> false;
            })) break;
            offset = parts.get(i).offset;
        }
        return offset;
    }

    /** Consecutive parts in one block, before whose first unit stands one of its own. */
    static Part block(String code, List<Part> parts) {
        Part first = parts.get(0);
        Part last = parts.get(parts.size() - 1);
        String source = code.substring(first.offset, last.offset) + last.source;
        return new Part(first.offset, "{" + source + "\n}");
    }
}
