package org.foliofleet.node.cluster;

import akka.actor.ActorRef;
import akka.cluster.sharding.ShardCoordinator;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Set;
import scala.collection.immutable.IndexedSeq;
import scala.concurrent.Future;

/**
 * Puts lanes of a machine in JVMs apart, as far as there are: lane k goes k places after the JVM of the first, which is the
 * one that asks for it. They do not move: a machine whose lanes are badly placed is placed anew when it steps back or resumes.
 */
final class LanesApart extends ShardCoordinator.AbstractShardAllocationStrategy {
    @Override
    public Future<ActorRef> allocateShard(ActorRef requester, String shard, Map<ActorRef, IndexedSeq<String>> regions) {
        List<ActorRef> places = new ArrayList<>(regions.keySet());
        places.sort(Comparator.comparing(region -> region.path().toSerializationFormat()));
        int first = Math.max(0, places.indexOf(requester));
        return Future.successful(places.get((first + LaneShards.lane(shard)) % places.size()));
    }

    @Override
    public Future<Set<String>> rebalance(Map<ActorRef, IndexedSeq<String>> regions, Set<String> underWay) {
        return Future.successful(Set.of());
    }
}
