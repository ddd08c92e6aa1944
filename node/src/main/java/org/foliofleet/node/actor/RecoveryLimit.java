package org.foliofleet.node.actor;

import akka.actor.typed.ActorSystem;
import akka.actor.typed.Extension;
import akka.actor.typed.ExtensionId;
import java.time.Duration;

/**
 * How many machines of a JVM may step back in a time: some at once, then a few a second, so that a disturbance of all does
 * not become a storm on the database.
 */
public final class RecoveryLimit implements Extension {
    private static final long AT_ONCE = 16;
    private static final long NANOS_BETWEEN = Duration.ofMillis(100).toNanos();
    private static final Id ID = new Id();

    private long latest;

    RecoveryLimit(long nowNanos) {
        latest = nowNanos - AT_ONCE * NANOS_BETWEEN;
    }

    /** The limit of the JVM's actor system. */
    static RecoveryLimit of(ActorSystem<?> system) {
        return ID.apply(system);
    }

    /** Takes a place in the queue; the result is how long to wait for it. */
    synchronized Duration reserve(long nowNanos) {
        latest = Math.max(latest, nowNanos - AT_ONCE * NANOS_BETWEEN) + NANOS_BETWEEN;
        return Duration.ofNanos(Math.max(0, latest - nowNanos));
    }

    private static final class Id extends ExtensionId<RecoveryLimit> {
        @Override
        public RecoveryLimit createExtension(ActorSystem<?> system) {
            return new RecoveryLimit(System.nanoTime());
        }
    }
}
