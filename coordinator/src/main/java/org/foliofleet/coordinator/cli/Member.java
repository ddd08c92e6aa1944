package org.foliofleet.coordinator.cli;

import java.io.PrintWriter;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;
import java.util.function.Function;
import org.foliofleet.coordinator.embedded.Fleet;

/** A member of a cluster for as long as its JVM lives: what the commands node and coordinator have in common. */
final class Member {
    private Member() {}

    /**
     * Stays until the member has left.
     *
     * @param start  makes the member; is given what hears why it ends, if that was not its own will
     * @param served begins what runs beside it, and gives what ends that
     * @return exit status
     */
    static int stay(PrintWriter err, boolean withParent, Function<Consumer<String>, Fleet> start, Function<Fleet, Runnable> served) {
        AtomicReference<String> obituary = new AtomicReference<>();
        Fleet fleet = start.apply(obituary::set);
        Runnable end = () -> { };
        try {
            end = served.apply(fleet);
            CompletableFuture<?> ended = fleet.ended().toCompletableFuture();
            CompletableFuture<?> orphaned = withParent
                    ? ProcessHandle.current().parent().map(ProcessHandle::onExit).orElseGet(() -> CompletableFuture.completedFuture(null))
                    : new CompletableFuture<>();
            CompletableFuture.anyOf(ended, orphaned).join();
        } finally {
            end.run();
            fleet.close();
        }
        if (obituary.get() != null) {
            err.println("foliofleet: " + obituary.get());
            err.flush();
            return ExitStatus.FAILED;
        }
        return ExitStatus.OK;
    }
}
