package mykernel;

import com.sun.source.tree.ClassTree;
import com.sun.source.tree.CompilationUnitTree;
import com.sun.source.tree.MethodTree;
import com.sun.source.tree.StatementTree;
import com.sun.source.util.JavacTask;
import com.sun.source.util.SourcePositions;
import com.sun.source.util.Trees;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.util.List;
import javax.tools.Diagnostic;
import javax.tools.DiagnosticCollector;
import javax.tools.JavaCompiler;
import javax.tools.JavaFileObject;
import javax.tools.JavaFileObject.Kind;
import javax.tools.SimpleJavaFileObject;
import javax.tools.ToolProvider;

/** Code as the compiler parses it, between what it may stand in. */
class Syntax {
    // How comments and literals begin and end.
    private static final String[][] TEXTS = {
        {"//", "\n"}, {"/*", "*/"}, {"\"\"\"", "\"\"\""}, {"\"", "\""}, {"'", "'"},
    };
    private static final JavaCompiler COMPILER = ToolProvider.getSystemJavaCompiler();
    private final JavacTask task;
    private final CompilationUnitTree unit;
    private final List<Long> faults;

    Syntax(String before, String source, String after) {
        DiagnosticCollector<JavaFileObject> told = new DiagnosticCollector<>();
        JavaFileObject file = new SimpleJavaFileObject(URI.create("string:///A.java"), Kind.SOURCE) {
            @Override
            public CharSequence getCharContent(boolean ignoreEncodingErrors) {
                return before + source + "\n" + after;
            }
        };
        task = (JavacTask) COMPILER.getTask(null, null, told, null, null, List.of(file));
        try {
            unit = task.parse().iterator().next();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        faults = told.getDiagnostics().stream().filter(one -> one.getKind() == Diagnostic.Kind.ERROR)
                .map(Diagnostic::getPosition).toList();
    }

    /** Whether the code's end is in a comment or in a literal. */
    static boolean endsInText(String code) {
        for (int at = 0; at < code.length(); ) {
            String[] text = null;
            for (String[] one : TEXTS) {
                if (text == null && code.startsWith(one[0], at)) text = one;
            }
            at = text == null ? at + 1 : end(code, at + text[0].length(), text[1], text[0].startsWith("/"));
            if (at < 0) return true;
        }
        return false;
    }

    /** Where that text ends that began before `at`; -1 where it does not. */
    private static int end(String code, int at, String end, boolean isComment) {
        for (; at < code.length(); at++) {
            if (code.startsWith(end, at)) return at + end.length();
            if (!isComment && code.charAt(at) == '\\') at++;
        }
        return -1;
    }

    static boolean isStatement(String source) {
        return !new Syntax("class A { void a() {", source, "} }").isFaulty();
    }

    boolean isFaulty() {
        return !faults.isEmpty();
    }

    /** How many statements a method's body begins with that are whole, and no declarations. */
    int statements() {
        SourcePositions positions = Trees.instance(task).getSourcePositions();
        long fault = faults.stream().min(Long::compare).orElse(Long.MAX_VALUE);
        MethodTree method = (MethodTree) ((ClassTree) unit.getTypeDecls().get(0)).getMembers().get(0);
        int count = 0;
        for (StatementTree statement : method.getBody().getStatements()) {
            boolean declares = switch (statement.getKind()) {
                case VARIABLE, CLASS, INTERFACE, ENUM, RECORD, ANNOTATION_TYPE -> true;
                default -> false;
            };
            if (declares || positions.getEndPosition(unit, statement) >= fault) break;
            count++;
        }
        return count;
    }
}
