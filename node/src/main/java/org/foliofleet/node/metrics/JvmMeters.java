package org.foliofleet.node.metrics;

import akka.actor.typed.ActorSystem;
import akka.actor.typed.Extension;
import akka.actor.typed.ExtensionId;
import akka.cluster.ClusterEvent.CurrentClusterState;
import akka.cluster.MemberStatus;
import akka.cluster.typed.Cluster;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.binder.jvm.JvmGcMetrics;
import io.micrometer.core.instrument.binder.jvm.JvmMemoryMetrics;
import io.micrometer.core.instrument.binder.jvm.JvmThreadMetrics;
import io.micrometer.core.instrument.binder.system.ProcessorMetrics;
import io.micrometer.core.instrument.binder.system.UptimeMetrics;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import java.util.Comparator;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.StreamSupport;
import org.foliofleet.protocol.control.MachineName;

/** The meters of a JVM; one for each actor system. */
public final class JvmMeters implements Extension {
    /** Content type of {@link #scrape}. */
    public static final String CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8";

    private static final class Id extends ExtensionId<JvmMeters> {
        @Override
        public JvmMeters createExtension(ActorSystem<?> system) {
            return new JvmMeters(system);
        }
    }

    private static final Id ID = new Id();

    /** Of an experiment. */
    private record ClassName(String experiment, String machineClass) {}

    private final PrometheusMeterRegistry registry = new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);
    private final JvmGcMetrics collections = new JvmGcMetrics();
    private final Map<ClassName, ClassMeters> classes = new TreeMap<>(
            Comparator.comparing(ClassName::experiment).thenComparing(ClassName::machineClass));
    private final EngineMeters engine;

    private JvmMeters(ActorSystem<?> system) {
        new JvmMemoryMetrics().bindTo(registry);
        new JvmThreadMetrics().bindTo(registry);
        new ProcessorMetrics().bindTo(registry);
        new UptimeMetrics().bindTo(registry);
        collections.bindTo(registry);
        engine = new EngineMeters(registry);
        cluster(system);
        system.getWhenTerminated().whenComplete((done, failure) -> collections.close());
    }

    /** The meters of the JVM that an actor system is in. */
    public static JvmMeters of(ActorSystem<?> system) {
        return system.registerExtension(ID);
    }

    private void cluster(ActorSystem<?> system) {
        Cluster cluster = Cluster.get(system);
        Gauge.builder("foliofleet.cluster.members", cluster, c -> up(c.state())).description("members of the cluster that are up")
                .register(registry);
        Gauge.builder("foliofleet.cluster.members.unreachable", cluster, c -> c.state().getUnreachable().size())
                .description("members of the cluster that this one cannot reach").register(registry);
    }

    private static long up(CurrentClusterState state) {
        return StreamSupport.stream(state.getMembers().spliterator(), false).filter(member -> member.status().equals(MemberStatus.up())).count();
    }

    /** For meters of other parts of the program. */
    public MeterRegistry registry() {
        return registry;
    }

    /** All meters, as Prometheus reads them. */
    public String scrape() {
        return registry.scrape();
    }

    /**
     * The meters of a machine that begins to run in this JVM.
     *
     * @param mostReferences that a large folio can have in it
     */
    public synchronized MachineMeters machine(MachineName name, long mostReferences) {
        ClassName key = new ClassName(name.experiment(), name.machineClass());
        ClassMeters machines = classes.get(key);
        if (machines == null) {
            machines = new ClassMeters(registry, key.experiment(), key.machineClass(), mostReferences);
            classes.put(key, machines);
        }
        return new MachineMeters(engine, machines, () -> forgetIfEmpty(key));
    }

    /** Nothing of an experiment that is not run here stays. */
    private synchronized void forgetIfEmpty(ClassName key) {
        ClassMeters machines = classes.get(key);
        if (machines != null && machines.isEmpty()) {
            machines.close();
            classes.remove(key);
        }
    }
}
