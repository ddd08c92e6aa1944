package org.foliofleet.node.cluster;

import akka.actor.typed.javadsl.Behaviors;
import akka.cluster.Member;
import akka.cluster.MemberStatus;
import akka.cluster.sharding.typed.javadsl.ClusterSharding;
import akka.cluster.sharding.typed.javadsl.Entity;
import akka.cluster.sharding.typed.javadsl.EntityTypeKey;
import akka.cluster.typed.Cluster;
import com.typesafe.config.Config;
import java.io.IOException;
import java.io.InputStream;
import java.lang.ProcessBuilder.Redirect;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.foliofleet.node.journal.DatabaseAddress;
import org.foliofleet.node.journal.JournalDatabase;
import org.foliofleet.node.journal.PostgresServer;
import org.foliofleet.protocol.control.ExperimentSource;
import org.foliofleet.protocol.control.MachineNews;
import org.foliofleet.protocol.control.MachineOrder;
import org.foliofleet.protocol.experiment.Execution;
import org.foliofleet.protocol.experiment.Execution.Hosting;
import org.foliofleet.protocol.experiment.SpecLoader;

/**
 * What it costs to run a fleet in several JVMs instead of one on the same cores: machines like that of {@code fork-cow-storm}, each in one
 * lane, journaled on PostgreSQL, in a cluster of one node and of three, in turns in one run. Each cluster runs the fleet {@code -Dwarm=N} times
 * before (twice, if that is not said): three JVMs compile three times, each from a third of what runs.
 * {@code java -cp node/target/benchmarks.jar org.foliofleet.node.cluster.FleetBenchmark [owner|machine [MACHINES [NODES]]]}
 */
public final class FleetBenchmark {
    private static final int ROUNDS = Integer.getInteger("rounds", 2);
    private static final int WARM = Integer.getInteger("warm", 2);
    /** Of all nodes together. */
    private static final int HEAP_MIB = Integer.getInteger("heap", 6144);
    private static final EntityTypeKey<MachineNews> EXPERIMENTS = EntityTypeKey.create(MachineNews.class, MachineNews.ENTITY_TYPE);
    private static final int EPOCH_TICKS = 1000;
    private static final int COMMIT_MILLIS = 5000;
    private static final int SECONDS_BETWEEN_ORDERS = 2;
    private static final int BETWEEN_LOOKS_MILLIS = 100;

    private final Hosting hosting;
    private final int machines;
    private final ExperimentSource source;
    private final BlockingQueue<MachineNews> news = new LinkedBlockingQueue<>();
    private int fleets;

    private FleetBenchmark(Hosting hosting, int machines) throws IOException {
        this.hosting = hosting;
        this.machines = machines;
        try (InputStream in = SpecLoader.class.getResourceAsStream("/experiments/fork-cow-storm.yaml")) {
            String text = new String(in.readAllBytes(), StandardCharsets.UTF_8);
            source = new ExperimentSource("fleet", text.replace("  - name: host\n", "  - name: host\n    count: " + machines + "\n"), null, Map.of(), null);
        }
    }

    public static void main(String[] arguments) throws Exception {
        if (arguments.length > 0 && arguments[0].equals("member")) {
            member(arguments[1]);
            return;
        }
        Hosting hosting = Hosting.valueOf((arguments.length > 0 ? arguments[0] : "owner").toUpperCase(Locale.ROOT));
        int machines = arguments.length > 1 ? Integer.parseInt(arguments[1]) : 24;
        int nodes = arguments.length > 2 ? Integer.parseInt(arguments[2]) : 3;
        FleetBenchmark fleet = new FleetBenchmark(hosting, machines);
        System.out.println(machines + " machines, hosting " + hosting.name().toLowerCase(Locale.ROOT) + ", a commit every " + COMMIT_MILLIS
                + " ms on PostgreSQL, " + HEAP_MIB + " MiB of heap");
        double one = 0;
        double many = 0;
        for (int round = 1; round <= ROUNDS; round++) {
            one += fleet.measure(1);
            many += fleet.measure(nodes);
        }
        System.out.println(String.format(Locale.ROOT, "%d JVMs reach %.0f %% of the rate of one", nodes, 100 * one / many));
        System.exit(0);
    }

    /** A node in a JVM of its own, until its input ends. */
    private static void member(String seed) throws IOException {
        ClusterNode.start(new ClusterSettings("127.0.0.1", 0, List.of(seed), Set.of(ClusterNode.NODE),
                JournalDatabase.open(DatabaseAddress.ofEnvironment(System.getenv())).config(), true), System.err::println);
        while (System.in.read() >= 0) {
            continue;
        }
        Runtime.getRuntime().halt(0);
    }

    /** @return seconds that the fleet took when the cluster was warm */
    private double measure(int nodes) throws Exception {
        try (PostgresServer server = PostgresServer.temporary()) {
            Config database = JournalDatabase.open(server.address()).config();
            ClusterNode coordinator = ClusterNode.start(new ClusterSettings("127.0.0.1", 0, List.of(), Set.of(ClusterNode.COORDINATOR), database,
                    false), System.err::println);
            ClusterSharding.get(coordinator.system()).init(Entity.of(EXPERIMENTS, entity -> Behaviors.receiveMessage(told -> {
                news.add(told);
                return Behaviors.same();
            })).withRole(ClusterNode.COORDINATOR));
            List<Process> members = new ArrayList<>();
            try {
                for (int i = 0; i < nodes; i++) {
                    members.add(start(coordinator.address(), server, HEAP_MIB / nodes));
                }
                while (up(coordinator) < nodes) {
                    news.poll(BETWEEN_LOOKS_MILLIS, TimeUnit.MILLISECONDS);
                }
                for (int i = 0; i < WARM; i++) {
                    run(coordinator);
                }
                long begin = System.nanoTime();
                double processorBefore = processorSeconds(members);
                long messages = run(coordinator);
                double seconds = (System.nanoTime() - begin) / 1e9;
                double processor = processorSeconds(members) - processorBefore;
                System.out.println(String.format(Locale.ROOT, "  %d %s %6.1f s, %5.2f M messages/s; %6.1f s of processors, %5.2f M messages a second of them",
                        nodes, nodes == 1 ? "JVM: " : "JVMs:", seconds, messages / seconds / 1e6, processor, messages / processor / 1e6));
                return seconds;
            } finally {
                coordinator.close();
                members.forEach(Process::destroyForcibly);
            }
        }
    }

    /** What the nodes have used of all processors. */
    private static double processorSeconds(List<Process> members) {
        return members.stream().mapToDouble(member -> member.info().totalCpuDuration().orElseThrow().toNanos() / 1e9).sum();
    }

    private static Process start(String seed, PostgresServer server, int heap) throws IOException {
        ProcessBuilder builder = new ProcessBuilder(Path.of(System.getProperty("java.home"), "bin", "java").toString(), "-Xms" + heap + "m",
                "-Xmx" + heap + "m", "-XX:+UseParallelGC", "--add-opens=java.base/java.nio=ALL-UNNAMED", "--add-opens=java.base/sun.nio.ch=ALL-UNNAMED",
                "-cp", System.getProperty("java.class.path"), FleetBenchmark.class.getName(), "member", seed).redirectError(Redirect.INHERIT)
                .redirectOutput(Redirect.DISCARD);
        builder.environment().putAll(Map.of(DatabaseAddress.URL, server.address().url(), DatabaseAddress.USER, server.address().user(),
                DatabaseAddress.PASSWORD, server.address().password()));
        return builder.start();
    }

    private static long up(ClusterNode coordinator) {
        long count = 0;
        for (Member member : Cluster.get(coordinator.system()).state().getMembers()) {
            count += member.hasRole(ClusterNode.NODE) && member.status() == MemberStatus.up() ? 1 : 0;
        }
        return count;
    }

    /** Runs a fleet of its own name to its end. @return messages that its owners got */
    private long run(ClusterNode coordinator) throws InterruptedException {
        String experiment = "fleet" + fleets++;
        Execution execution = new Execution(hosting, 1, EPOCH_TICKS, COMMIT_MILLIS, 0, false);
        Map<String, Long> messages = new HashMap<>();
        for (int i = 0; i < machines; i++) {
            messages.put(experiment + "/host/" + i, 0L);
        }
        long all = 0;
        while (!messages.isEmpty()) {
            for (Map.Entry<String, Long> machine : messages.entrySet()) {
                coordinator.order(new MachineOrder.EnsureRunning(machine.getKey(), source, execution));
            }
            long next = System.nanoTime() + TimeUnit.SECONDS.toNanos(SECONDS_BETWEEN_ORDERS);
            for (long left = 1; left > 0 && !messages.isEmpty(); left = next - System.nanoTime()) {
                MachineNews told = news.poll(left, TimeUnit.NANOSECONDS);
                if (told instanceof MachineNews.Failed failed) {
                    throw new IllegalStateException(failed.reason());
                } else if (told instanceof MachineNews.Running running) {
                    messages.computeIfPresent(running.machine(), (name, before) -> Math.max(before, running.messages()));
                } else if (told instanceof MachineNews.Ended ended) {
                    Long got = messages.remove(ended.machine());
                    all += got == null ? 0 : got;
                }
            }
        }
        return all;
    }
}
