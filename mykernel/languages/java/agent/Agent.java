package mykernel;

import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import jdk.jshell.JShell;
import sun.misc.Signal;

/**
 * A JShell that takes lines from the terminal: "NUMBER cell|complete|inspect|check FILE".
 *
 * <p>Its argument is the session's folder. Java 17's API and language alone are used.
 */
class Agent {
    private static final String[] CLASS_PATH =
            System.getProperty("java.class.path").split(File.pathSeparator);
    static final String JAR = CLASS_PATH[0];
    static Path folder;
    private static final Pattern LINE = Pattern.compile("(\\d+) (cell|complete|inspect|check) (.+)");
    // JShell's own DEFAULT start-up, and what cells may call of ours.
    private static final List<String> IMPORTS = List.of(
            "java.io", "java.math", "java.net", "java.nio.file", "java.util", "java.util.concurrent",
            "java.util.function", "java.util.prefs", "java.util.regex", "java.util.stream",
            "static mykernel.Notebook");

    public static void main(String[] arguments) throws IOException {
        Control control = new Control();
        JShell shell = shell(control);
        Cells cells = new Cells(shell, control);
        Questions questions = new Questions(shell);
        if (arguments.length == 0) {
            rehearse(cells, questions);
            System.exit(0);
        }
        folder = Path.of(arguments[0]);
        Terminal terminal = new Terminal();
        Notebook.terminal = terminal;
        Directives.shell = shell;
        CellInput input = new CellInput(System.in, control);
        System.setIn(input);
        Signal.handle(new Signal("INT"), signal -> {
            if (terminal.isMeant()) control.interrupt();
        });
        while (true) {
            terminal.prompt();
            String line = terminal.readLine();
            if (line == null || line.equals("quit")) System.exit(0);
            Matcher asked = LINE.matcher(line);
            // What a cell has left unread, or a line typed twice.
            if (!asked.matches() || Integer.parseInt(asked.group(1)) <= terminal.number) continue;
            terminal.begin(Integer.parseInt(asked.group(1)));
            Path file = Path.of(asked.group(3));
            if (asked.group(2).equals("cell")) {
                input.forget();
                terminal.mark("C", "i=" + terminal.number);
                terminal.status = cells.run(read(file), file.getFileName().toString());
            } else {
                write("answer", questions.answer(asked.group(2), read(file)));
                terminal.status = "0";
            }
        }
    }

    private static JShell shell(Control control) {
        JShell shell = JShell.builder().executionEngine(control.provider(), Map.of()).build();
        for (String path : CLASS_PATH) shell.addToClasspath(path);
        for (String name : IMPORTS) shell.eval("import " + name + ".*;");
        return shell;
    }

    /** Loads the classes that a session will, for an archive of them, see start.sh. */
    private static void rehearse(Cells cells, Questions questions) throws IOException {
        folder = Files.createTempDirectory("mykernel");
        cells.run("int x = 1;\nSystem.out.print(x);\nx + 1", "In[1]");
        cells.run("throw new IllegalStateException();", "In[2]");
        cells.run("nothing", "In[3]");
        questions.answer("complete", "Str\nStr");
        try (var files = Files.list(folder)) {
            for (Path file : files.toList()) Files.delete(file);
        }
        Files.delete(folder);
    }

    // Not readString and writeString, which refuse half a surrogate pair.

    static String read(Path file) throws IOException {
        return new String(Files.readAllBytes(file), StandardCharsets.UTF_8);
    }

    static void write(String name, String text) throws IOException {
        Files.write(folder.resolve(name), text.getBytes(StandardCharsets.UTF_8));
    }
}
