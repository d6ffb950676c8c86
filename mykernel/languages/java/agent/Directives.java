package mykernel;

import java.io.IOException;
import java.util.stream.Collectors;
import jdk.jshell.JShell;
import jdk.jshell.MethodSnippet;
import jdk.jshell.Snippet;
import jdk.jshell.TypeDeclSnippet;
import jdk.jshell.VarSnippet;

/** What directives such as %who run, as a cell that nobody sees. */
public class Directives {
    static JShell shell;

    private Directives() {}

    /** Answers with what cells have declared, a name a line, and what kind it is. */
    public static void who() throws IOException {
        String names = shell.snippets().filter(one -> shell.status(one).isActive()).map(Directives::told)
                .filter(line -> !line.isEmpty() && !line.startsWith("$")).sorted().distinct()
                .collect(Collectors.joining("\n"));
        Agent.write("answer", names);
    }

    private static String told(Snippet snippet) {
        if (snippet instanceof VarSnippet one) return one.name() + "\t" + one.typeName();
        if (snippet instanceof MethodSnippet one) return one.name() + "\tmethod";
        return snippet instanceof TypeDeclSnippet one ? one.name() + "\tclass" : "";
    }

    /** Answers with the environment, as NAME=VALUE with a NUL behind each. */
    public static void env() throws IOException {
        Agent.write("answer", System.getenv().entrySet().stream().map(one -> one + "\0")
                .collect(Collectors.joining()));
    }
}
