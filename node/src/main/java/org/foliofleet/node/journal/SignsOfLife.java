package org.foliofleet.node.journal;

import akka.actor.typed.ActorSystem;
import akka.actor.typed.Extension;
import akka.actor.typed.ExtensionId;
import akka.dispatch.ExecutionContexts;

import java.time.Duration;

/** The guard of an actor system, which gets its signs of life from the thread of the scheduler. */
final class SignsOfLife implements Extension {
    private static final Duration BETWEEN_SIGNS = Duration.ofMillis(500);
    private static final Id ID = new Id();

    private final SleepGuard guard;

    private SignsOfLife(ActorSystem<?> system) {
        guard = new SleepGuard(System::nanoTime, system.settings().config().getDuration("foliofleet.journal.sleep-limit").toNanos());
        system.scheduler().scheduleAtFixedRate(BETWEEN_SIGNS, BETWEEN_SIGNS, guard::sign, ExecutionContexts.fromExecutor(Runnable::run));
    }

    static SleepGuard of(ActorSystem<?> system) {
        return ID.apply(system).guard;
    }

    private static final class Id extends ExtensionId<SignsOfLife> {
        @Override
        public SignsOfLife createExtension(ActorSystem<?> system) {
            return new SignsOfLife(system);
        }
    }
}
