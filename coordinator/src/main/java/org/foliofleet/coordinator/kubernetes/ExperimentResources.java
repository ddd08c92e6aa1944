package org.foliofleet.coordinator.kubernetes;

import akka.actor.typed.ActorSystem;
import akka.actor.typed.Behavior;
import akka.actor.typed.PostStop;
import akka.actor.typed.javadsl.Behaviors;
import akka.cluster.typed.ClusterSingleton;
import akka.cluster.typed.ClusterSingletonSettings;
import akka.cluster.typed.SingletonActor;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientBuilder;
import java.time.Duration;
import java.util.function.Supplier;
import org.foliofleet.coordinator.experiment.ClusterExperiments;
import org.foliofleet.coordinator.experiment.Experiments;

/** Has the leading coordinator of a cluster look after the Experiments of its Kubernetes namespace. */
public final class ExperimentResources {
    private static final Duration BEAT = Duration.ofSeconds(2);

    private ExperimentResources() {}

    /** The API that the environment of a pod names. */
    public static void lookAfter(ActorSystem<?> system, Experiments experiments) {
        lookAfter(system, experiments, () -> new KubernetesClientBuilder().build(), BEAT);
    }

    static void lookAfter(ActorSystem<?> system, Experiments experiments, Supplier<KubernetesClient> clients, Duration beat) {
        ClusterSingleton.get(system).init(SingletonActor.of(leading(experiments, clients, beat), "experiment-resources")
                .withSettings(ClusterSingletonSettings.create(system).withRole(ClusterExperiments.ROLE)));
    }

    private static Behavior<Void> leading(Experiments experiments, Supplier<KubernetesClient> clients, Duration beat) {
        return Behaviors.setup(context -> {
            ResourceLoop loop = new ResourceLoop(clients, experiments, beat);
            return Behaviors.receive(Void.class).onSignal(PostStop.class, stopped -> {
                loop.close();
                return Behaviors.same();
            }).build();
        });
    }
}
