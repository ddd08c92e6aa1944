package org.foliofleet.node.journal;

import akka.actor.typed.ActorRef;
import akka.actor.typed.ActorSystem;
import akka.actor.typed.Behavior;
import akka.actor.typed.Props;
import akka.actor.typed.SpawnProtocol;
import akka.actor.typed.javadsl.AskPattern;
import com.sun.management.OperatingSystemMXBean;
import com.typesafe.config.ConfigFactory;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import org.foliofleet.node.actor.EventSink;
import org.foliofleet.node.actor.HostedMachine;
import org.foliofleet.node.actor.MachineActor;
import org.foliofleet.node.actor.MachineClock;
import org.foliofleet.node.actor.MachineMessage;
import org.foliofleet.node.actor.RunReport;
import org.foliofleet.node.journal.JournalCommand.CommitReply;
import org.foliofleet.node.journal.JournalCommand.ResumeReply;
import org.foliofleet.node.journal.JournalCommand.Resumption;
import org.foliofleet.node.local.LocalHost;
import org.foliofleet.node.mm.machine.ImageSlice;
import org.foliofleet.node.mm.machine.Machine;
import org.foliofleet.node.mm.machine.MachineChanges;
import org.foliofleet.node.mm.machine.MachineParts;
import org.foliofleet.node.mm.machine.OwnerRow;
import org.foliofleet.protocol.experiment.ExperimentSpec;
import org.foliofleet.protocol.experiment.SpecLoader;
import org.foliofleet.protocol.id.OwnerId;

/**
 * What journaling costs. {@code storm none|h2|postgresql owner|machine none|recent|all [SECONDS [REPEATS]]}: fork-cow-storm with a commit every so many
 * seconds of wall time, or with {@code -Dprocessor=true} of processor time, for machines that are busy with other things.
 * {@code volume h2|postgresql OWNERS BYTES}: commits and recovery of a machine of random owners.
 */
public final class JournalBenchmark {
    private static final Duration PATIENCE = Duration.ofMinutes(10);
    private static final long TICKS = 10_000;

    private JournalBenchmark() {}

    public static void main(String[] arguments) throws IOException {
        try (Place place = new Place(arguments[1])) {
            if (arguments[0].equals("storm")) {
                storm(place, arguments[2], arguments[3], arguments.length > 4 ? Double.parseDouble(arguments[4]) : 5,
                        arguments.length > 5 ? arguments[5] : "20");
            } else {
                volume(place, Integer.parseInt(arguments[2]), Integer.parseInt(arguments[3]));
            }
        }
    }

    /** A database and what uses it. */
    private static final class Place implements AutoCloseable {
        private final PostgresServer server;
        private final Path directory;
        private final JournalDatabase database;
        private final ActorSystem<SpawnProtocol.Command> system;

        Place(String kind) throws IOException {
            server = kind.equals("postgresql") ? PostgresServer.temporary() : null;
            directory = Files.createTempDirectory("journal-benchmark");
            database = kind.equals("none") ? null : JournalDatabase.open(server != null ? server.address()
                    : DatabaseAddress.ofFile(directory.resolve("journal")));
            system = ActorSystem.create(SpawnProtocol.create(), "benchmark", database == null ? ConfigFactory.load() : database.config());
        }

        <T> ActorRef<T> spawn(Behavior<T> behavior) {
            return AskPattern.<SpawnProtocol.Command, ActorRef<T>>ask(system,
                    replyTo -> new SpawnProtocol.Spawn<>(behavior, "", Props.empty(), replyTo), PATIENCE, system.scheduler()).toCompletableFuture().join();
        }

        <T> CompletableFuture<T> ask(ActorRef<JournalCommand> journal, Function<ActorRef<T>, JournalCommand> command) {
            return AskPattern.<JournalCommand, T>ask(journal, command::apply, PATIENCE, system.scheduler()).toCompletableFuture();
        }

        long bytes() {
            return server != null ? -1 : directory.resolve("journal.mv.db").toFile().length();
        }

        @Override
        public void close() throws IOException {
            system.terminate();
            system.getWhenTerminated().toCompletableFuture().join();
            if (server != null) {
                server.close();
            }
            for (Path file : Files.list(directory).toList()) {
                Files.delete(file);
            }
            Files.delete(directory);
        }
    }

    /** Nanoseconds: of processor time, that of the database included, or of wall time. */
    private static long now() {
        if (!Boolean.getBoolean("processor")) {
            return System.nanoTime();
        }
        long children = ProcessHandle.current().descendants().mapToLong(child -> child.info().totalCpuDuration().orElse(Duration.ZERO).toNanos()).sum();
        return ManagementFactory.getPlatformMXBean(OperatingSystemMXBean.class).getProcessCpuTime() + children;
    }

    private static void say(String format, Object... values) {
        System.out.println(String.format(Locale.ROOT, format, values));
    }

    // -- a storm -------------------------------------------------------------------------------------------------

    private static void storm(Place place, String hosting, String events, double seconds, String repeats) throws IOException {
        ExperimentSpec spec = SpecLoader.bundled("fork-cow-storm");
        Path file = Files.createTempFile("storm", ".yaml");
        try (var in = SpecLoader.class.getClassLoader().getResourceAsStream("experiments/fork-cow-storm.yaml")) {
            Files.writeString(file, new String(in.readAllBytes(), StandardCharsets.UTF_8).replace("times: 20", "times: " + repeats));
            spec = SpecLoader.load(file.toString());
        } finally {
            Files.delete(file);
        }
        Machine machine = new LocalHost().boot(spec, spec.machines().get(0), 0);
        EventSink sink = events.equals("none") ? EventSink.NONE : EventSink.into(events.equals("all") ? EventLog.ofAll() : EventLog.ofRecent());
        MachineParts parts = machine.parts();
        Behavior<MachineMessage> behavior = hosting.equals("machine") ? MachineActor.create(parts, sink) : MachineClock.create(parts, PATIENCE, sink);
        ActorRef<JournalCommand> journal = place.database == null ? null : place.spawn(MachineJournal.create("storm", 0, events.equals("all")));
        if (journal != null) {
            place.<ResumeReply>ask(journal, replyTo -> new JournalCommand.Resume(0, replyTo)).join();
        }
        HostedMachine hosted = new HostedMachine(place.system, behavior);
        long start = now();
        long last = start;
        long rows = 0;
        long bytes = 0;
        long eventBytes = 0;
        long inCommit = 0;
        int commits = 0;
        CompletableFuture<CommitReply> writing = CompletableFuture.completedFuture(null);
        long delivered = 0;
        for (long tick = TICKS; ; tick += TICKS) {
            boolean quiet = hosted.run(tick) instanceof RunReport.Reached reached && reached.nextTick() == RunReport.NEVER;
            if (journal != null && (quiet || now() - last >= seconds * 1e9)) {
                last = now();
                writing.join();
                MachineChanges changes = hosted.commit();
                writing = place.ask(journal, replyTo -> new JournalCommand.Commit(1, changes, 0, replyTo));
                inCommit += now() - last;
                delivered = changes.delivered();
                commits++;
                rows += changes.changed().size() + changes.slice().rows().size();
                bytes += changes.changed().stream().mapToLong(row -> row.state().length).sum()
                        + changes.slice().rows().stream().mapToLong(row -> row.state().length).sum() + changes.rest().length;
                eventBytes += changes.events().stream().mapToLong(chunk -> chunk.length).sum();
            }
            if (quiet) {
                break;
            }
        }
        writing.join();
        double time = (now() - start) / 1e9;
        say("storm, %s, events %s, %s: %.1f s; %d commits, %.1f s in them, %d rows of %.1f MB, %.1f MB of events, %d messages, file %d", hosting, events,
                place.database, time, commits, inCommit / 1e9, rows, bytes / 1e6, eventBytes / 1e6, delivered, place.bytes());
        hosted.close();
    }

    // -- much ----------------------------------------------------------------------------------------------------

    private static void volume(Place place, int owners, int ownerBytes) {
        Random random = new Random(1);
        List<OwnerRow> all = new ArrayList<>(owners);
        for (int i = 0; i < owners; i++) {
            byte[] state = new byte[ownerBytes];
            random.nextBytes(state);
            all.add(new OwnerRow(new OwnerId.VmaId(1 + i / 65_536, i % 65_536).key(), state));
        }
        ActorRef<JournalCommand> journal = place.spawn(MachineJournal.create("volume"));
        place.<ResumeReply>ask(journal, replyTo -> new JournalCommand.Resume(0, replyTo)).join();
        double megabytes = (double) owners * ownerBytes / 1e6;
        commit(place, journal, megabytes, "all", new MachineChanges(1, false, 0, "a", true, all, List.of(), ImageSlice.WHOLE, List.of(), new byte[100]));
        for (int i = 0; i < 3; i++) {
            List<OwnerRow> some = all.subList(i * owners / 4, (i + 1) * owners / 4);
            commit(place, journal, megabytes / 4, "a quarter", new MachineChanges(2 + i, false, 0, "a", false, some, List.of(), ImageSlice.NONE, List.of(),
                    new byte[100]));
        }
        all.clear();
        long start = now();
        ResumeReply reply = place.<ResumeReply>ask(place.spawn(MachineJournal.create("volume")), replyTo -> new JournalCommand.Resume(0, replyTo)).join();
        double seconds = (now() - start) / 1e9;
        int found = ((Resumption) reply).committed().rows().owners().size();
        say("recovery of %d owners, %.0f MB of state, %.0f MB of rows: %.1f s, %.0f MB/s of rows, %.0f owners/s", found, megabytes, megabytes * 1.75, seconds,
                megabytes * 1.75 / seconds, found / seconds);
    }

    private static void commit(Place place, ActorRef<JournalCommand> journal, double megabytes, String what, MachineChanges changes) {
        long start = now();
        place.<CommitReply>ask(journal, replyTo -> new JournalCommand.Commit(1, changes, 0, replyTo)).orTimeout(10, TimeUnit.MINUTES).join();
        double seconds = (now() - start) / 1e9;
        say("commit of %s, %.0f MB: %.1f s, %.0f MB/s", what, megabytes, seconds, megabytes / seconds);
    }
}
