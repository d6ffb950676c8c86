package mykernel;

import java.io.IOException;
import java.util.Comparator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import jdk.jshell.DeclarationSnippet;
import jdk.jshell.Diag;
import jdk.jshell.JShell;
import jdk.jshell.PersistentSnippet;
import jdk.jshell.Snippet;
import jdk.jshell.SnippetEvent;
import jdk.jshell.SourceCodeAnalysis;
import jdk.jshell.VarSnippet;
import jdk.jshell.spi.SPIResolutionException;

/** Runs cells, and leaves what came of them in files. */
class Cells {
    // Statements that are compiled together: a method may have 64 KB of code.
    private static final int MOST = 300;
    private static final String CONSTRUCTOR = "compiler.err.invalid.canonical.constructor.in.record";
    private final JShell shell;
    private final SourceCodeAnalysis analysis;
    private final Control control;
    private final Trace trace;
    // Declarations of this cell, of which some may lack something that they name.
    private final Set<DeclarationSnippet> declared = new LinkedHashSet<>();
    private final Set<String> notes = new LinkedHashSet<>();

    Cells(JShell shell, Control control) {
        this.shell = shell;
        this.control = control;
        analysis = shell.sourceCodeAnalysis();
        trace = new Trace(shell);
        control.uncaught = thrown -> System.err.print("Exception in thread \""
                + Thread.currentThread().getName() + "\" " + trace.explained(thrown));
    }

    /** Runs a cell. Returns the status for the prompt: 0 where all went well. */
    String run(String code, String name) throws IOException {
        Cell cell = new Cell(name, code);
        trace.running = name;
        declared.clear();
        notes.clear();
        control.begin();
        String error;
        try {
            error = evaluate(cell);
        } catch (RuntimeException | OutOfMemoryError | StackOverflowError e) {
            // JShell's own: there is not enough left for it, the code is nested too deep, or a fault.
            error = trace.explained(e);
        }
        boolean interrupted = control.end();
        for (DeclarationSnippet snippet : declared) tellUnresolved(snippet);
        notes.forEach(System.err::println);
        System.out.flush();
        System.err.flush();
        if (error != null) Agent.write("error", error);
        return interrupted ? "interrupted" : error == null ? "0" : "1";
    }

    /** Null, or the error as text. */
    private String evaluate(Cell cell) {
        List<Part> parts = Part.split(analysis, cell.code());
        SnippetEvent last = null;
        int most = MOST;
        for (int i = 0; i < parts.size(); ) {
            Part part = parts.get(i);
            if (control.isInterrupted()) return "interrupted" + cell.at(part.offset());
            // Compiled one by one they take 20 ms each. The last one may have a value.
            int count = plain(cell, parts.subList(i, Math.min(i + most, parts.size() - 1)));
            List<SnippetEvent> events = count < 2 ? evaluate(cell, part, 0)
                    : evaluate(cell, Part.block(cell.code(), parts.subList(i, i + count)), 1);
            if (count > 1 && events.stream().anyMatch(event -> isFaulty(event.snippet()))) {
                // One of them is wrong, or all together too much. Up to there they are to run.
                events.forEach(event -> forget(event.snippet()));
                most = count / 2;
                continue;
            }
            for (SnippetEvent event : events) {
                String error = problem(cell, part, event);
                if (error != null) return error;
                note(event);
                if (event.causeSnippet() == null) last = event;
            }
            most = Math.min(2 * most, MOST);
            i += Math.max(count, 1);
        }
        if (last == null || !isShown(last.snippet())) return null;
        Object value = control.value;
        Throwable thrown = control.run(() -> {
            Forms.leave(value);
            return null;
        });
        return thrown == null ? null : trace.explained(thrown);
    }

    /** How many of the parts, from the first on, declare nothing, and so may stand in a block as well. */
    private static int plain(Cell cell, List<Part> parts) {
        if (parts.size() < 2) return 0;
        Syntax block = new Syntax("class A { void a()", Part.block(cell.code(), parts).source(), "}");
        return block.statements();
    }

    private List<SnippetEvent> evaluate(Cell cell, Part part, int shift) {
        control.thrown = null;
        List<SnippetEvent> events = shell.eval(part.source());
        String opened = opened(part.source(), events);
        if (opened != null) {
            events.forEach(event -> forget(event.snippet()));
            events = shell.eval(opened);
        }
        for (SnippetEvent event : events) {
            if (event.causeSnippet() == null) {
                trace.places.put(event.snippet(), new Place(cell, part.offset() - shift));
            }
        }
        return events;
    }

    /**
     * The source with its records' own constructors public, null where none of them has to be: JShell makes
     * each record public, and then refuses a constructor that says nothing (record P(int x) { P { ... } }).
     */
    private String opened(String source, List<SnippetEvent> events) {
        List<Integer> places = events.stream().map(SnippetEvent::snippet).flatMap(shell::diagnostics)
                .filter(error -> error.getCode().equals(CONSTRUCTOR) && error.getMessage(null).contains("public"))
                .map(error -> (int) error.getStartPosition())
                .filter(place -> !source.startsWith("private", place) && !source.startsWith("protected", place))
                .sorted(Comparator.reverseOrder()).toList();
        StringBuilder opened = new StringBuilder(source);
        places.forEach(place -> opened.insert(place, "public "));
        return places.isEmpty() ? null : opened.toString();
    }

    private String problem(Cell cell, Part part, SnippetEvent event) {
        if (event.causeSnippet() != null) return null;
        Snippet snippet = event.snippet();
        if (isFaulty(snippet)) {
            String told = shell.diagnostics(snippet).filter(Diag::isError)
                    .map(error -> cell.explained(part.offset(), error)).collect(Collectors.joining("\n"));
            forget(snippet);
            return "CompileError: " + told;
        }
        if (event.exception() == null && control.thrown == null) return null;
        // Before it began.
        if (control.thrown == null && control.isInterrupted()) return "interrupted" + cell.at(part.offset());
        Throwable thrown = control.thrown != null ? control.thrown : event.exception();
        if (thrown instanceof SPIResolutionException unresolved) {
            return shell.snippets().filter(one -> one.id().equals(String.valueOf(unresolved.id())))
                    .map(one -> "UnresolvedReference: " + unresolved((DeclarationSnippet) one))
                    .findFirst().orElse("UnresolvedReference") + "\n" + trace.frames(thrown);
        }
        return thrown instanceof Exit ? "ExitStatus: " + thrown.getMessage() : trace.explained(thrown);
    }

    /** Whether it lacks nothing that may come, and cannot be compiled. */
    private boolean isFaulty(Snippet snippet) {
        return switch (shell.status(snippet)) {
            case REJECTED -> true;
            case RECOVERABLE_DEFINED, RECOVERABLE_NOT_DEFINED -> !(snippet instanceof DeclarationSnippet one)
                    || shell.unresolvedDependencies(one).findAny().isEmpty();
            default -> false;
        };
    }

    /** Have what is faulty do no harm. */
    private void forget(Snippet snippet) {
        trace.places.remove(snippet);
        if (shell.status(snippet) == Snippet.Status.REJECTED) return;
        // JShell would go on to compile it with all that comes.
        shell.drop(snippet);
        // Code that was too large stays in the compiler, and what comes is too large, too;
        // on a new class path there is a new compiler.
        shell.addToClasspath(Agent.JAR);
    }

    private void note(SnippetEvent event) {
        Snippet snippet = event.snippet();
        if (event.causeSnippet() == null) {
            if (snippet instanceof DeclarationSnippet one) declared.add(one);
        } else if (snippet instanceof VarSnippet variable && event.previousStatus().isDefined()
                && event.status() != Snippet.Status.OVERWRITTEN
                && event.causeSnippet() instanceof PersistentSnippet cause) {
            String came = cause.kind() == Snippet.Kind.IMPORT ? " was imported" : " was declared anew";
            notes.add(variable.name() + " has lost its value, since " + cause.name() + came);
        }
    }

    private void tellUnresolved(DeclarationSnippet snippet) {
        Snippet.Status status = shell.status(snippet);
        if (status == Snippet.Status.RECOVERABLE_DEFINED
                || status == Snippet.Status.RECOVERABLE_NOT_DEFINED) {
            notes.add(unresolved(snippet));
        }
    }

    private String unresolved(DeclarationSnippet snippet) {
        String lacking = shell.unresolvedDependencies(snippet).collect(Collectors.joining(", "));
        String told = shell.diagnostics(snippet).map(one -> one.getMessage(null).replaceAll("\\s+", " "))
                .collect(Collectors.joining("; "));
        return snippet.name() + " cannot be used until "
                + (lacking.isEmpty() ? "this is mended: " + told : lacking + " is declared");
    }

    /** Whether it is an expression whose value is its point, as that of "list.add(1);" is not. */
    private static boolean isShown(Snippet snippet) {
        boolean valued = switch (snippet.subKind()) {
            case TEMP_VAR_EXPRESSION_SUBKIND, VAR_VALUE_SUBKIND, OTHER_EXPRESSION_SUBKIND -> true;
            default -> false;
        };
        String source = snippet.source().strip();
        return valued && !(source.endsWith(";") && Syntax.isStatement(source));
    }
}
