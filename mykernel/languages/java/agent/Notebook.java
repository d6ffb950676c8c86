package mykernel;

import java.io.IOException;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;

/** What cells may call by its bare name. */
public class Notebook {
    static Terminal terminal;
    private static final Set<String> SHOWN = new HashSet<>();

    private Notebook() {}

    /** Shows a value now, as a cell's result is shown. */
    public static void display(Object value) throws IOException {
        terminal.display("display_data", null, Forms.of(value));
    }

    /** Shows data of a MIME type such as "text/html" or "image/png": a byte[], or text. */
    public static void display(String mime, Object data) throws IOException {
        terminal.display("display_data", null, Forms.of(mime, data));
    }

    /** Shows a value in the place of the one that was shown under the same id, if there was one. */
    public static synchronized void updateDisplay(String id, Object value) throws IOException {
        Map<String, byte[]> forms = Forms.of(value);
        terminal.display(SHOWN.add(id) ? "display_data" : "update_display_data", id, forms);
    }

    /** Clears the cell's output when the next comes. */
    public static void clearOutput() {
        terminal.clearOutput();
    }
}
