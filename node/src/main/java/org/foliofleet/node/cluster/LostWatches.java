package org.foliofleet.node.cluster;

import akka.actor.AbstractActorWithTimers;
import akka.actor.ActorIdentity;
import akka.actor.ActorRef;
import akka.actor.ExtendedActorSystem;
import akka.actor.Identify;
import akka.actor.InternalActorRef;
import akka.actor.Props;
import akka.actor.typed.ActorSystem;
import akka.actor.typed.javadsl.Adapter;
import akka.dispatch.sysmsg.DeathWatchNotification;
import akka.remote.RemoteActorRefProvider;
import akka.remote.RemoteWatcher;
import java.time.Duration;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import scala.jdk.javaapi.CollectionConverters;

/**
 * Notices the end of actors of other JVMs that this JVM watches, where Akka's own notice got lost.
 *
 * <p>When a JVM is killed and started again at its address at once, what others watch there in the seconds after can be lost: the
 * new JVM takes the watch for one that it has had before, and nobody asks again. An old shard region that is watched in vain counts
 * as one that lives: what is allocated to it never begins. So all that is watched is asked now and then whether it is there. To
 * "there is no such actor" this one says to those who watch it what they would have heard.
 */
final class LostWatches extends AbstractActorWithTimers {
    private static final Logger LOG = LoggerFactory.getLogger(LostWatches.class);
    private static final Duration BETWEEN_LOOKS = Duration.ofSeconds(5);

    private enum Look { LOOK }

    private final InternalActorRef watcher;
    /** What was watched at the last look, by the whole path. */
    private final Map<String, ActorRef> watched = new LinkedHashMap<>();
    /** What was not there at the last look. */
    private final Set<String> missing = new HashSet<>();

    private LostWatches(InternalActorRef watcher, Duration betweenLooks) {
        this.watcher = watcher;
        getTimers().startTimerWithFixedDelay(Look.LOOK, Look.LOOK, betweenLooks);
    }

    /** @param watcher watches for all actors of the JVM, and says what */
    static Props props(ActorRef watcher, Duration betweenLooks) {
        return Props.create(LostWatches.class, () -> new LostWatches((InternalActorRef) watcher, betweenLooks));
    }

    /** Begins to look after all that the JVM watches. */
    static void init(ActorSystem<?> system) {
        ExtendedActorSystem classic = (ExtendedActorSystem) Adapter.toClassic(system);
        classic.systemActorOf(props(((RemoteActorRefProvider) classic.provider()).remoteWatcher().get(), BETWEEN_LOOKS), "lost-watches");
    }

    @Override
    public Receive createReceive() {
        return receiveBuilder()
                .match(Look.class, look -> watcher.tell(RemoteWatcher.Stats$.MODULE$, getSelf()))
                .match(RemoteWatcher.Stats.class, this::ask)
                .match(ActorIdentity.class, this::onIdentity)
                .build();
    }

    private void ask(RemoteWatcher.Stats watches) {
        watched.clear();
        CollectionConverters.asJava(watches.watchingRefs()).forEach(watch -> watched.put(watch._1().path().toSerializationFormat(), watch._1()));
        missing.retainAll(watched.keySet());
        watched.forEach((path, actor) -> actor.tell(new Identify(path), getSelf()));
    }

    /** What is still watched one look later was not noticed. */
    private void onIdentity(ActorIdentity identity) {
        String path = (String) identity.correlationId();
        ActorRef actor = watched.get(path);
        if (actor != null && identity.getActorRef().isEmpty() && !missing.add(path)) {
            missing.remove(path);
            LOG.warn("{} is no more, and who watches it was not told; now it is", path);
            watcher.sendSystemMessage(new DeathWatchNotification(actor, false, false));
        }
    }
}
