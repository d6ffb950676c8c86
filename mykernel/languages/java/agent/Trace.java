package mykernel;

import java.util.Collections;
import java.util.HashMap;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import jdk.jshell.JShell;
import jdk.jshell.Snippet;
import jdk.jshell.SourceCodeAnalysis.SnippetWrapper;

/** Tells errors in the user's terms: In[3]:2, and none of JShell's classes or of ours. */
class Trace {
    private static final Pattern CLASS = Pattern.compile("REPL\\.\\$JShell\\$\\d+[A-Z]*");
    private static final Pattern OWN = Pattern.compile("REPL\\.\\$JShell\\$\\d+[A-Z]*[.$]?");
    // Frames that are told of a trace, at its two ends.
    private static final int FIRST = 30;
    private static final int LAST = 5;
    private final JShell shell;
    /** The name of the latest cell. */
    volatile String running = "";
    /** Where snippets come from. */
    final Map<Snippet, Place> places = Collections.synchronizedMap(new IdentityHashMap<>());

    Trace(JShell shell) {
        this.shell = shell;
    }

    static String tidy(String text) {
        return OWN.matcher(text).replaceAll("");
    }

    /** Whether it is what ends a thread that is stopped; the newest Java has no such class. */
    static boolean isDeath(Throwable thrown) {
        return thrown.getClass().getName().equals("java.lang.ThreadDeath");
    }

    /** As printStackTrace writes it. */
    String explained(Throwable thrown) {
        Set<Throwable> told = Collections.newSetFromMap(new IdentityHashMap<>());
        StringBuilder text = new StringBuilder();
        explain(thrown, "", text, told, wrappers());
        return text.toString();
    }

    String frames(Throwable thrown) {
        StringBuilder text = new StringBuilder();
        addFrames(thrown, text, wrappers());
        return text.toString();
    }

    private void explain(Throwable thrown, String caption, StringBuilder text, Set<Throwable> told,
            Map<String, Snippet> wrappers) {
        if (!told.add(thrown)) return;
        String name = tidy(thrown.getClass().getName());
        text.append(caption).append(name);
        String message = message(thrown);
        if (message != null) text.append(": ").append(tidy(message));
        text.append("\n");
        addFrames(thrown, text, wrappers);
        for (Throwable one : thrown.getSuppressed()) explain(one, "Suppressed: ", text, told, wrappers);
        if (thrown.getCause() != null) explain(thrown.getCause(), "Caused by: ", text, told, wrappers);
    }

    /** Which is a method of the user's, maybe. */
    private static String message(Throwable thrown) {
        try {
            return thrown.getLocalizedMessage();
        } catch (RuntimeException e) {
            return null;
        }
    }

    private void addFrames(Throwable thrown, StringBuilder text, Map<String, Snippet> wrappers) {
        List<StackTraceElement> all = List.of(thrown.getStackTrace());
        List<StackTraceElement> frames = all.stream().filter(frame -> !isOurs(frame)).toList();
        int length = frames.size();
        // Below the cell's own stand those that called it.
        while (length > 0 && !frames.get(length - 1).getClassName().startsWith("REPL.")) length--;
        if (length == 0 && all.stream().noneMatch(Trace::isOurs)) length = frames.size();
        for (int i = 0; i < length; i++) {
            if (i == FIRST && length > FIRST + LAST) {
                text.append("    ... ").append(length - FIRST - LAST).append(" more\n");
                i = length - LAST;
            }
            text.append("    at ").append(told(frames.get(i), wrappers)).append("\n");
        }
    }

    private static boolean isOurs(StackTraceElement frame) {
        return frame.getClassName().startsWith("mykernel.");
    }

    private String told(StackTraceElement frame, Map<String, Snippet> wrappers) {
        Matcher found = CLASS.matcher(frame.getClassName());
        if (!found.lookingAt()) return tidy(frame.toString());
        Snippet snippet = wrappers.get(found.group());
        Place place = snippet == null ? null : places.get(snippet);
        // JShell does not know a snippet before it has ended; other threads may fail meanwhile.
        String where = place == null ? running
                : place.cell().name() + ":" + place.cell().line(position(snippet, place, frame));
        String owner = tidy(frame.getClassName());
        String method = frame.getMethodName().replaceFirst("^lambda\\$.*", "lambda");
        if (method.equals("do_it$")) return where;
        return (owner.isEmpty() ? "" : owner + ".") + method + " (" + where + ")";
    }

    private int position(Snippet snippet, Place place, StackTraceElement frame) {
        SnippetWrapper wrapper = shell.sourceCodeAnalysis().wrapper(snippet);
        String wrapped = wrapper.wrapped();
        int start = 0;
        for (int line = 1; line < frame.getLineNumber() && start >= 0; line++) {
            start = wrapped.indexOf('\n', start) + 1;
        }
        // The line's first unit may be the wrapper's indent, which belongs to nothing.
        while (start < wrapped.length() && " \t".indexOf(wrapped.charAt(start)) >= 0) start++;
        return place.offset() + wrapper.wrappedToSourcePosition(start);
    }

    /** The snippets by the class that each is compiled to, those that are no more included. */
    private Map<String, Snippet> wrappers() {
        Map<String, Snippet> found = new HashMap<>();
        synchronized (places) {
            for (Snippet snippet : places.keySet()) {
                if (snippet.kind() != Snippet.Kind.ERRONEOUS && snippet.kind() != Snippet.Kind.IMPORT) {
                    found.put(shell.sourceCodeAnalysis().wrapper(snippet).fullClassName(), snippet);
                }
            }
        }
        return found;
    }
}
