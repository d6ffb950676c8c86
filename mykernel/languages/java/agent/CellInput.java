package mykernel;

import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.InterruptedIOException;

/** What cells read. */
class CellInput extends FilterInputStream {
    // What the kernel types behind ^C for who reads, since nothing else ends a read of a terminal.
    private static final int CANCEL = 24;
    private final Control control;

    CellInput(InputStream in, Control control) {
        super(in);
        this.control = control;
    }

    @Override
    public int read() throws IOException {
        int unit = super.read();
        if (unit == CANCEL) cancel();
        return unit;
    }

    @Override
    public int read(byte[] buffer, int offset, int length) throws IOException {
        int count = super.read(buffer, offset, length);
        if (count > 0 && buffer[offset] == CANCEL) cancel();
        return count;
    }

    /** What one cell has not read is not for the next. */
    void forget() throws IOException {
        super.skip(super.available());
    }

    /** The VM tells of the signal in another thread, maybe later; it stops this one. */
    private void cancel() throws IOException {
        try {
            control.awaitInterrupt();
        } catch (InterruptedException e) {
            throw new InterruptedIOException();
        }
    }

    /** Who closes a Scanner closes what it reads; the next cell wants to read as well. */
    @Override
    public void close() {}
}
