package org.foliofleet.coordinator.embedded;

import akka.actor.ActorSystem;
import akka.cluster.Cluster;
import akka.cluster.MemberStatus;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.Supplier;

/** The readiness of a member: the others have let it in, and it does not leave yet. */
public final class MemberIsUp implements Supplier<CompletionStage<Boolean>> {
    private static final Set<MemberStatus> IN = Set.of(MemberStatus.up(), MemberStatus.weaklyUp());
    private final Cluster cluster;

    public MemberIsUp(ActorSystem system) {
        cluster = Cluster.get(system);
    }

    @Override
    public CompletionStage<Boolean> get() {
        return CompletableFuture.completedStage(!cluster.isTerminated() && IN.contains(cluster.selfMember().status()));
    }
}
