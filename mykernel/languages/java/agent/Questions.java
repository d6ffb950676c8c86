package mykernel;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import jdk.jshell.DeclarationSnippet;
import jdk.jshell.JShell;
import jdk.jshell.MethodSnippet;
import jdk.jshell.Snippet;
import jdk.jshell.SourceCodeAnalysis;
import jdk.jshell.SourceCodeAnalysis.CompletionInfo;
import jdk.jshell.SourceCodeAnalysis.Documentation;
import jdk.jshell.SourceCodeAnalysis.Suggestion;
import jdk.jshell.TypeDeclSnippet;
import jdk.jshell.VarSnippet;

/** Answers about code, without running any of it. */
class Questions {
    // JShell suggests names alone.
    private static final List<String> KEYWORDS = List.of("""
            abstract assert boolean break byte case catch char class continue default do double else enum
            extends false final finally float for if implements import instanceof int interface long native
            new null package private protected public record return sealed short static strictfp super
            switch synchronized this throw throws transient true try var void volatile while yield
            """.split("\\s+"));
    private static final String IMPORT = "\\Aimport\\s+(?:static\\s+)?";
    private static final Pattern DOC = Pattern.compile("\\s*/\\*\\*(.*?)\\*/", Pattern.DOTALL);
    private final JShell shell;
    private final SourceCodeAnalysis analysis;

    Questions(JShell shell) {
        this.shell = shell;
        analysis = shell.sourceCodeAnalysis();
    }

    String answer(String what, String asked) throws IOException {
        if (what.equals("check")) return completeness(asked);
        String[] lines = asked.split("\n", 2);
        if (what.equals("complete")) return completions(lines[0], lines[1]);
        String before = Agent.read(Agent.folder.resolve("before"));
        return inspection(called(lines[0]), lines[1].equals("1"), called(before));
    }

    private String completeness(String code) {
        String rest = code;
        while (true) {
            CompletionInfo info = analysis.analyzeCompletion(rest);
            switch (info.completeness()) {
                case DEFINITELY_INCOMPLETE, CONSIDERED_INCOMPLETE: return "incomplete";
                case UNKNOWN: return "invalid";
                case EMPTY: return "complete";
                default:
            }
            if (!parses(info.source())) return "invalid";
            if (info.remaining().length() >= rest.length()) return "complete";
            rest = info.remaining();
        }
    }

    /** JShell's quick look finds the end of what has faults as well. */
    private static boolean parses(String source) {
        // As statements, members of a class, an expression, and imports.
        return Syntax.isStatement(source) || !(new Syntax("class A {", source, "}").isFaulty()
                && new Syntax("class A { Object a = ", source, "; }").isFaulty()
                && new Syntax("", source, "").isFaulty());
    }

    /** token: what stands before the cursor, and is replaced. before: all that stands there. */
    private String completions(String token, String before) {
        if (Syntax.endsInText(before)) return "";
        int start = before.length() - token.length();
        int[] anchor = {0};
        String code = before;
        // All of the cell in one, so that what it declares is known; else what may stand in one method.
        List<Suggestion> found = analysis.completionSuggestions(code, code.length(), anchor);
        if (found.isEmpty()) {
            // An import's packages are suggested where they stand as an expression.
            code = before.substring(Part.statements(analysis, before)).replaceFirst(IMPORT, "");
            found = analysis.completionSuggestions(code, code.length(), anchor);
        }
        int from = before.length() - code.length() + anchor[0];
        Stream<String> names = from < start ? Stream.of()
                : found.stream().map(one -> before.substring(start, from) + one.continuation());
        boolean bare = !token.isEmpty() && !before.substring(0, start).endsWith(".");
        Stream<String> keywords = KEYWORDS.stream().filter(word -> bare && word.startsWith(token));
        return Stream.concat(names.filter(name -> !name.startsWith("$") || token.startsWith("$"))
                        .map(name -> name + "\t" + kind(name)), keywords.map(word -> word + "\tkeyword"))
                .distinct().collect(Collectors.joining("\n"));
    }

    private static String kind(String text) {
        if (text.contains("(")) return "function";
        return Character.isUpperCase(text.charAt(0)) ? "class" : "";
    }

    /** The name that is called, where the cursor stands behind the call. */
    private static String called(String code) {
        return code.endsWith("()") ? code.substring(0, code.length() - 2) : code;
    }

    /** before: the code up to the token's end. source: whether it is wanted, too. */
    private String inspection(String token, boolean source, String before) {
        List<Documentation> found = new ArrayList<>();
        if (!token.isEmpty()) found.addAll(documentation(before + "("));
        if (found.isEmpty()) found.addAll(documentation(before));
        if (found.isEmpty()) return "";
        Stream<String> told = found.stream().map(one -> one.signature() + text(one.javadoc()));
        Stream<String> own = shell.snippets().filter(one -> isOf(one, token) && shell.status(one).isActive())
                .map(one -> source ? one.source().strip() : comment(one.source()))
                .filter(text -> !text.isEmpty());
        return Stream.concat(told, own).distinct().collect(Collectors.joining("\n\n"));
    }

    private List<Documentation> documentation(String code) {
        List<Documentation> found = analysis.documentation(code, code.length(), true);
        if (!found.isEmpty()) return found;
        String last = code.substring(Part.statements(analysis, code));
        return analysis.documentation(last, last.length(), true);
    }

    private static boolean isOf(Snippet snippet, String token) {
        return (snippet instanceof MethodSnippet || snippet instanceof TypeDeclSnippet
                || snippet instanceof VarSnippet) && ((DeclarationSnippet) snippet).name().equals(token);
    }

    /** The comment at a declaration's head. */
    private static String comment(String source) {
        Matcher found = DOC.matcher(source);
        return found.lookingAt() ? text(found.group(1).replaceAll("(?m)^\\s*\\*+", "")).strip() : "";
    }

    /** A comment without its tags, on lines of its own. */
    private static String text(String comment) {
        if (comment == null || comment.isBlank()) return "";
        return "\n" + comment.replaceAll("\\{@\\w+\\s+([^{}]*)\\}", "$1").replaceAll("</?\\w+[^>]*>", "")
                .replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&").strip();
    }
}
