package org.foliofleet.coordinator.cli;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/**
 * Ctrl-C: says that it is wanted to end, and keeps the JVM until the command has come to a good end. The JVM then ends with the
 * status that the signal gives, 130 for Ctrl-C.
 */
final class Interruption implements AutoCloseable {
    private static final long PATIENCE_SECONDS = 600;

    private static final CountDownLatch COMMAND = new CountDownLatch(1);

    private final CompletableFuture<Void> wanted = new CompletableFuture<>();
    private final Thread hook = new Thread(this::await, "interruption");

    /** Hears of it from now on. */
    Interruption() {
        Runtime.getRuntime().addShutdownHook(hook);
    }

    private void await() {
        wanted.complete(null);
        try {
            COMMAND.await(PATIENCE_SECONDS, TimeUnit.SECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** Completes when somebody wants the end. */
    CompletableFuture<Void> wanted() {
        return wanted;
    }

    /** The command of this JVM has said its last word: nothing keeps the JVM any more. */
    static void commandHasEnded() {
        COMMAND.countDown();
    }

    /** From now on nobody has to be asked before the JVM ends, unless it is ending already. */
    @Override
    public void close() {
        if (!wanted.isDone()) {
            try {
                Runtime.getRuntime().removeShutdownHook(hook);
            } catch (IllegalStateException e) {
                // The JVM has begun to end, and waits for the command.
                return;
            }
        }
    }
}
