package mykernel;

import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.function.Consumer;
import java.util.stream.Stream;
import jdk.jshell.execution.LocalExecutionControl;
import jdk.jshell.spi.ExecutionControl;
import jdk.jshell.spi.ExecutionControlProvider;
import jdk.jshell.spi.ExecutionEnv;

/**
 * Runs what JShell has compiled, in this VM, and stops it.
 *
 * <p>JShell's other way, a VM of its own behind a debugger's connection, takes 0.8 s more to start,
 * and gives cells no terminal: stdin and stdout would be pipes that the two VMs talk through, with no
 * Console, and nothing for the programs that a cell starts. It would not keep more, either:
 * what a cell has made is gone with the VM that System.exit ends. OutOfMemoryError ends the thread
 * that asked for too much, and JShell lives on.
 */
public class Control extends LocalExecutionControl {
    // Later ones have no Thread.stop; there JShell weaves a check into each loop and method of a cell.
    private static final boolean STOPS_THREADS = Runtime.version().feature() < 20;
    // Milliseconds between two stops: what stops a thread may be caught in it.
    private static final int AGAIN = 100;
    private static final int SOON = 5;
    // Milliseconds within which the VM has told of a signal, and a class should be ready.
    private static final int PATIENCE = 1000;
    private static Control self;
    // Of its own: JShell waits for the threads in its group, and a cell's threads may live on.
    private final ThreadGroup group = new ThreadGroup("cells") {
        // JShell sets a default handler that says nothing.
        @Override
        public void uncaughtException(Thread thread, Throwable thrown) {
            if (!Trace.isDeath(thrown)) uncaught.accept(thrown);
        }
    };
    /** Tells what a thread that a cell has started ended with; called in it. */
    Consumer<Throwable> uncaught = thrown -> {};
    /** What the latest call came to. */
    Object value;
    Throwable thrown;
    private Callable<Object> task;
    private Thread worker;
    // Whether a cell runs, whether it was interrupted, and where it stood then.
    private boolean running;
    private boolean interrupted;
    private StackTraceElement[] where = {};

    Control() {
        self = this;
    }

    ExecutionControlProvider provider() {
        return new ExecutionControlProvider() {
            @Override
            public String name() {
                return "mykernel";
            }

            @Override
            public ExecutionControl generate(ExecutionEnv env, Map<String, String> parameters) {
                return Control.this;
            }
        };
    }

    @Override
    public void load(ClassBytecodes[] classes)
            throws ClassInstallException, NotImplementedException, EngineTerminationException {
        super.load(Stream.of(classes)
                .map(one -> new ClassBytecodes(one.name(), Exit.redirected(one.bytecodes())))
                .toArray(ClassBytecodes[]::new));
    }

    @Override
    protected String invoke(Method method) throws Exception {
        call(() -> method.invoke(null));
        // Not the value as text: it may take long, and is not wanted of most.
        return "";
    }

    /** Runs our own part of a cell, which calls methods of the user's. Null, or what was thrown. */
    Throwable run(Callable<Object> work) {
        clientCodeEnter();
        try {
            call(work);
            return null;
        } catch (InvocationTargetException e) {
            return e.getCause();
        } catch (Exception e) {
            return e;
        } finally {
            clientCodeLeave();
        }
    }

    /** As JShell runs its methods, so that it knows what to stop. */
    private void call(Callable<Object> work) throws Exception {
        task = work;
        super.invoke(Control.class.getMethod("bridge"));
    }

    /** What JShell calls. */
    public static Object bridge() throws Throwable {
        return self.work();
    }

    private Object work() throws Throwable {
        value = thrown = null;
        Thread thread = new Thread(group, this::perform, "main");
        synchronized (this) {
            if (interrupted) throw new InterruptedException();
            worker = thread;
            thread.start();
        }
        while (thread.isAlive()) {
            try {
                thread.join();
            } catch (InterruptedException e) {
                // JShell's way to stop this thread; the other one is told by itself.
            }
        }
        synchronized (this) {
            worker = null;
            // It would tell where the one stood who stopped the thread.
            if (interrupted && thrown != null) thrown.setStackTrace(where);
        }
        if (thrown != null) throw thrown;
        return value;
    }

    private void perform() {
        try {
            value = task.call();
        } catch (InvocationTargetException e) {
            thrown = e.getCause();
        } catch (Throwable e) {
            thrown = e;
        }
    }

    synchronized void begin() {
        running = true;
        interrupted = false;
    }

    /** Returns whether the cell was interrupted. */
    synchronized boolean end() {
        running = false;
        notifyAll();
        return interrupted;
    }

    synchronized boolean isInterrupted() {
        return interrupted;
    }

    /** Waits to be stopped; not for ever, since a person may type what announces it. */
    synchronized void awaitInterrupt() throws InterruptedException {
        if (running) wait(PATIENCE);
    }

    /** Stops the cell that runs, if one does. */
    synchronized void interrupt() {
        if (!running || interrupted) return;
        interrupted = true;
        if (worker == null) return;
        where = worker.getStackTrace();
        Thread stopped = worker;
        Thread stopper = new Thread(() -> stop(stopped), "mykernel interrupt");
        stopper.setDaemon(true);
        stopper.start();
    }

    private void stop(Thread thread) {
        try {
            for (; thread.isAlive(); thread.join(AGAIN)) {
                thread.interrupt();
                awaitInitialization(thread);
                // By its name, since the newest compilers do not know it any more.
                if (STOPS_THREADS) Thread.class.getMethod("stop").invoke(thread);
                else stop();
            }
        } catch (ReflectiveOperationException | ExecutionControlException | InterruptedException e) {
            System.err.println("mykernel: the cell could not be stopped: " + e);
        }
    }

    /** A class that was stopped while it was made ready could never be used again. */
    private static void awaitInitialization(Thread thread) throws InterruptedException {
        for (int waited = 0; waited < PATIENCE && isInitializing(thread); waited += SOON) {
            thread.join(SOON);
        }
    }

    private static boolean isInitializing(Thread thread) {
        return Stream.of(thread.getStackTrace()).anyMatch(frame -> frame.getMethodName().equals("<clinit>"));
    }
}
