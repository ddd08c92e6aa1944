package org.foliofleet.node.cluster;

import static org.junit.jupiter.api.Assertions.assertEquals;

import akka.actor.AbstractActor;
import akka.actor.ActorRef;
import akka.actor.ExtendedActorSystem;
import akka.actor.Props;
import akka.actor.Terminated;
import akka.actor.typed.javadsl.Adapter;
import akka.remote.RemoteWatcher;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.foliofleet.node.journal.JournalDatabase;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import scala.Tuple2;
import scala.jdk.javaapi.CollectionConverters;

/**
 * Goal: who watches an actor of another JVM hears of its end even if the watch was lost. Method: actor systems of two clusters,
 * between which Akka passes messages, but drops what is watched.
 */
class LostWatchesTest {
    private static final Duration BETWEEN_LOOKS = Duration.ofMillis(100);

    @TempDir
    Path directory;

    /** Watches one actor, says so, and tells its end. */
    private static final class Watcher extends AbstractActor {
        private final ActorRef watched;
        private final CompletableFuture<ActorRef> end;

        Watcher(ActorRef watched, CompletableFuture<ActorRef> end) {
            this.watched = watched;
            this.end = end;
            getContext().watch(watched);
        }

        @Override
        public Receive createReceive() {
            return receiveBuilder()
                    .matchEquals(RemoteWatcher.Stats$.MODULE$, ask -> getSender().tell(new RemoteWatcher.Stats(1, 1,
                            CollectionConverters.asScala(java.util.Set.of(Tuple2.apply(watched, getSelf()))).toSet(),
                            CollectionConverters.asScala(java.util.Set.<akka.actor.Address>of()).toSet()), getSelf()))
                    .match(Terminated.class, terminated -> end.complete(terminated.getActor()))
                    .build();
        }
    }

    @Test
    void whoWatchesAnActorThatIsNoMoreIsTold() throws Exception {
        try (ClusterNode here = ClusterNode.start(ClusterSettings.alone(JournalDatabase.h2(directory.resolve("here"))), news -> { });
                ClusterNode there = ClusterNode.start(ClusterSettings.alone(JournalDatabase.h2(directory.resolve("there"))), news -> { })) {
            ExtendedActorSystem system = (ExtendedActorSystem) Adapter.toClassic(here.system());
            String address = "akka://" + ClusterNode.SYSTEM + "@" + there.address();
            ActorRef gone = system.provider().resolveActorRef(address + "/user/gone#4711");
            CompletableFuture<ActorRef> end = new CompletableFuture<>();
            ActorRef watcher = system.systemActorOf(Props.create(Watcher.class, () -> new Watcher(gone, end)), "watcher");
            system.systemActorOf(LostWatches.props(watcher, BETWEEN_LOOKS), "looks");
            assertEquals(gone, end.get(30, TimeUnit.SECONDS));
        }
    }
}
