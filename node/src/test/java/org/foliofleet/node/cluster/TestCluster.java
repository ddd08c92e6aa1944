package org.foliofleet.node.cluster;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;
import java.util.stream.Stream;
import org.foliofleet.node.journal.DatabaseAddress;

/**
 * A cluster of real JVMs on addresses 127.0.0.N: a coordinator that only passes orders and news on, and nodes that are killed, frozen
 * and cut off. Every member is reached through a proxy of its own, which sees by the address who comes.
 */
final class TestCluster implements AutoCloseable {
    private static final String[] OPTIONS = {"-Dakka.actor.serializers.foliofleet-lane=" + LossySerializer.class.getName(),
            "-Dfoliofleet.cluster.lane-patience=8s", "-Dakka.cluster.failure-detector.acceptable-heartbeat-pause=4s",
            "-Dakka.cluster.split-brain-resolver.stable-after=3s", "-Dakka.cluster.split-brain-resolver.down-all-when-unstable=20s",
            "-Dakka.cluster.retry-unsuccessful-join-after=2s"};
    private static final long PATIENCE_NANOS = TimeUnit.MINUTES.toNanos(4);

    private final Path directory;
    private final DatabaseAddress database;
    private final Member coordinator;
    private final List<Member> nodes = new ArrayList<>();
    /** The last words of machines: {@code ended TICK DIGEST} or {@code failed REASON}. */
    private final Map<String, String> ends = new TreeMap<>();
    /** What machines that have not ended were ordered last. */
    private final Map<String, String> orders = new TreeMap<>();
    /** Machines that have come to rest since they were ordered to. */
    private final Set<String> resting = new HashSet<>();
    private final Crashes crashes = new Crashes();
    private int files;

    /** One JVM, or none while it is dead, behind its proxy. */
    final class Member implements AutoCloseable {
        private final String name;
        private final String role;
        private final InetAddress host;
        private final int bindPort;
        private final CutableProxy proxy;
        private JavaProcess jvm;

        private Member(String role, int number) {
            name = role + number;
            this.role = role;
            host = Loopback.address(number);
            bindPort = Loopback.freePort(host);
            proxy = new CutableProxy(host, new InetSocketAddress(host, bindPort));
        }

        String address() {
            return host.getHostAddress() + ":" + proxy.port();
        }

        JavaProcess jvm() {
            return jvm;
        }

        CutableProxy proxy() {
            return proxy;
        }

        InetAddress host() {
            return host;
        }

        /** Begins, without waiting for it. */
        void start() {
            List<String> arguments = new ArrayList<>(List.of(role, host.getHostAddress(), coordinator.address()));
            nodes.stream().filter(other -> other != this).forEach(other -> arguments.add(other.address()));
            jvm = JavaProcess.start(JavaProcess.Start.of(name, MemberRun.class, arguments.toArray(String[]::new)).with(database)
                    .with("-Dakka.remote.artery.canonical.port=" + proxy.port()).with("-Dakka.remote.artery.bind.hostname=" + host.getHostAddress())
                    .with("-Dakka.remote.artery.bind.port=" + bindPort)
                    .with("-Dakka.remote.artery.advanced.tcp.outbound-client-hostname=" + host.getHostAddress())
                    .with(OPTIONS), directory);
        }

        void awaitUp() {
            jvm.await(line -> line.startsWith("up "));
        }

        void kill() {
            jvm.kill();
        }

        @Override
        public void close() {
            if (jvm != null) {
                jvm.close();
            }
            proxy.close();
        }
    }

    /** Starts all members; they are up when this returns. */
    TestCluster(Path directory, DatabaseAddress database, int nodes) {
        this.directory = directory;
        this.database = database;
        coordinator = new Member(ClusterNode.COORDINATOR, 1);
        try {
            coordinator.start();
            coordinator.awaitUp();
            for (int i = 0; i < nodes; i++) {
                add();
            }
            this.nodes.forEach(Member::awaitUp);
        } catch (RuntimeException | AssertionError e) {
            close();
            throw e;
        }
    }

    Member coordinator() {
        return coordinator;
    }

    Crashes crashes() {
        return crashes;
    }

    List<Member> nodes() {
        return nodes;
    }

    /** One more node begins to join. */
    Member add() {
        Member node = new Member(ClusterNode.NODE, nodes.size() + 2);
        nodes.add(node);
        node.start();
        return node;
    }

    /** Orders a machine to run. @param how {@code HOSTING LANES EPOCHTICKS COMMITMILLIS} */
    void run(String machine, String experiment, String how) {
        Path file = directory.resolve("experiment" + files++ + ".yaml");
        try {
            Files.writeString(file, experiment);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        order(machine, "run " + machine + " " + file + " " + how);
    }

    private void order(String machine, String line) {
        resting.remove(machine);
        orders.put(machine, line);
        coordinator.jvm().say(line);
    }

    /** Orders a machine to come to rest, and waits until it has, or has ended. */
    void pause(String machine) {
        order(machine, "pause " + machine);
        awaitUntil(line -> resting.contains(machine) || ends.containsKey(machine), ends.containsKey(machine));
    }

    /** The next that any machine tells, as {@link MemberRun} writes it. */
    String next() {
        String line = coordinator.jvm().next();
        note(line);
        return line;
    }

    private void note(String line) {
        crashes.note(line);
        String[] words = line.split(" ", 2);
        if (words[1].startsWith("ended ") || words[1].startsWith("failed ")) {
            ends.put(words[0], words[1]);
            orders.remove(words[0]);
        } else if (words[1].startsWith("paused ")) {
            resting.add(words[0]);
        }
    }

    /** Hears line by line until it is as it should be, but not for ever. */
    private void awaitUntil(Predicate<String> isIt, boolean already) {
        long end = System.nanoTime() + PATIENCE_NANOS;
        for (boolean done = already; !done;) {
            String line = next();
            done = isIt.test(line);
            if (!done && System.nanoTime() > end) {
                throw new AssertionError("waited in vain; the last words of the coordinator:\n" + coordinator.jvm().lastWords());
            }
        }
    }

    /** Waits for something that is told, past all else; what it asks must take no line of its own. */
    String await(Predicate<String> what) {
        String[] found = {null};
        awaitUntil(line -> {
            found[0] = line;
            return what.test(line);
        }, false);
        return found[0];
    }

    /** Whether it is known that the machine has ended; takes what was told meanwhile, without waiting. */
    boolean hasEnded(String machine) {
        coordinator.jvm().takeAll().forEach(this::note);
        return ends.containsKey(machine);
    }

    /** The end of a machine, awaited. */
    String end(String machine) {
        awaitUntil(line -> ends.containsKey(machine), ends.containsKey(machine));
        return ends.get(machine);
    }

    /** Waits until a machine has committed so many more epochs, or has ended. */
    void awaitEpochs(String machine, int epochs) {
        int[] told = {0};
        awaitUntil(line -> {
            told[0] += line.startsWith(machine + " running ") ? 1 : 0;
            return told[0] >= epochs || ends.containsKey(machine);
        }, ends.containsKey(machine));
    }

    /** Waits until a machine has gone on in a later incarnation than it is in now, or has ended. */
    void awaitSteps(String machine) {
        long[] first = {-1};
        awaitUntil(line -> {
            String[] words = line.split(" ");
            boolean further = false;
            if (words[0].equals(machine) && words[1].equals("running")) {
                long incarnation = Long.parseLong(words[2]);
                further = first[0] >= 0 && incarnation > first[0];
                first[0] = first[0] < 0 ? incarnation : first[0];
            }
            return further || ends.containsKey(machine);
        }, ends.containsKey(machine));
    }

    /** The node on which a machine is, awaited; any if it has ended. */
    Member where(String machine) {
        for (int tries = 0; tries < 1000 && !hasEnded(machine); tries++) {
            for (Member node : nodes) {
                node.jvm().say("here " + machine);
                if (node.jvm().await(line -> line.startsWith("here ")).endsWith(" true")) {
                    return node;
                }
            }
        }
        return nodes.get(0);
    }

    /** All members live and reach each other again. */
    void mend() {
        heal();
        List<Member> all = everybody();
        all.stream().filter(member -> member.jvm().isFrozen()).forEach(Member::kill);
        List<Member> dead = all.stream().filter(member -> !member.jvm().isAlive()).toList();
        dead.forEach(Member::start);
        dead.forEach(Member::awaitUp);
        if (dead.contains(coordinator)) {
            orders.values().forEach(coordinator.jvm()::say);
        }
    }

    /** Those members and all others do not reach each other any more. */
    void cutOff(List<Member> some) {
        List<Member> all = everybody();
        Set<InetAddress> here = new HashSet<>();
        Set<InetAddress> there = new HashSet<>();
        all.forEach(member -> (some.contains(member) ? here : there).add(member.host()));
        all.forEach(member -> member.proxy().cutOff(some.contains(member) ? there : here));
    }

    void heal() {
        everybody().forEach(member -> member.proxy().heal());
    }

    private List<Member> everybody() {
        return Stream.concat(Stream.of(coordinator), nodes.stream()).toList();
    }

    @Override
    public void close() {
        everybody().forEach(Member::close);
    }
}
