package mykernel;

import java.io.FileInputStream;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Base64;
import java.util.Map;

/** The terminal from inside: lines come in, marks go out. */
class Terminal {
    // Bytes in a mark of a display: a terminal may put what others write between parts of a long one.
    private static final int PIECE = 600;
    // Descriptors of our own: a cell may close any other.
    private final FileInputStream in = new FileInputStream("/dev/tty");
    private final OutputStream out = new FileOutputStream("/dev/tty");
    private final byte[] buffer = new byte[4096];
    private final String nonce;
    private int displays;
    /** The latest line's number, and how it ended. */
    volatile int number;
    String status = "0";

    Terminal() throws IOException {
        // Neither in an argument nor in a variable, where programs of a cell would find it.
        Path file = Agent.folder.resolve("nonce");
        nonce = Agent.read(file);
        Files.delete(file);
        System.setOut(lasting(System.out));
        System.setErr(lasting(System.err));
    }

    /** Who closes what a cell writes to takes it from the next cell as well. */
    private static PrintStream lasting(PrintStream stream) {
        return new PrintStream(stream, true) {
            @Override
            public void close() {
                flush();
            }
        };
    }

    /** Whether an interrupt is for the latest line: the VM may tell of it when another one runs. */
    boolean isMeant() {
        try {
            return Agent.read(Agent.folder.resolve("interrupted")).equals(String.valueOf(number));
        } catch (IOException e) {
            return true;
        }
    }

    void begin(int number) {
        this.number = number;
        status = "interrupted";
    }

    void prompt() {
        mark("D", "i=" + number + ";s=" + status);
    }

    /** A line without its end, or null at the end. A terminal gives one line at a time. */
    String readLine() throws IOException {
        int length = in.read(buffer);
        return length < 0 ? null : new String(buffer, 0, length, StandardCharsets.UTF_8).strip();
    }

    synchronized void mark(String kind, String fields) {
        // Stays in the order of what was printed.
        System.out.flush();
        try {
            out.write(("\033]133;" + kind + ";k=" + nonce + ";" + fields + "\007").getBytes());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Sends a message of docs/display-protocol.md. id: its display_id, or null. forms: by MIME type. */
    synchronized void display(String type, String id, Map<String, byte[]> forms) {
        String message = "i=" + ++displays + ";n=";
        int count = 0;
        if (id != null) count = send(message, count, "display_id", id.getBytes(StandardCharsets.UTF_8));
        for (Map.Entry<String, byte[]> form : forms.entrySet()) {
            count = send(message, count, form.getKey(), form.getValue());
        }
        mark("J", message + count + ";t=" + type);
    }

    void clearOutput() {
        mark("J", "t=clear_output;text={\"wait\": true}");
    }

    /** Returns the number of the next piece. count: that of the first. */
    private int send(String message, int count, String part, byte[] data) {
        for (int from = 0; from == 0 || from < data.length; from += PIECE) {
            byte[] piece = Arrays.copyOfRange(data, from, Math.min(data.length, from + PIECE));
            String text = Base64.getEncoder().encodeToString(piece);
            mark("J", message + count++ + ";p=" + part + ";base64=" + text);
        }
        return count;
    }
}
