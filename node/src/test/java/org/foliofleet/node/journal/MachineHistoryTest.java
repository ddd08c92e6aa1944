package org.foliofleet.node.journal;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import akka.actor.typed.ActorSystem;
import akka.actor.typed.SpawnProtocol;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.foliofleet.node.actor.EventSink;
import org.foliofleet.node.actor.HostedMachine;
import org.foliofleet.node.actor.MachineActor;
import org.foliofleet.node.actor.MachineClock;
import org.foliofleet.node.mm.machine.Machine;
import org.foliofleet.node.mm.machine.MachineChanges;
import org.foliofleet.node.mm.machine.MachineParts;
import org.foliofleet.node.mm.random.RecordedProgram;
import org.foliofleet.protocol.id.OwnerId;
import org.foliofleet.protocol.id.OwnerId.ProcessId;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Goal: a history tells what happened, once, whatever was repeated after steps back. Method: random programs on actors, cut
 * off after each commit with changes that nobody committed; beside them the events of the bare machine.
 */
class MachineHistoryTest {
    private static final int EPOCHS = 6;

    @TempDir
    Path directory;

    /** What happened in a bare machine. */
    private static List<String> undisturbed(RecordedProgram program) {
        List<String> events = new ArrayList<>();
        Machine machine = new Machine(program.toParts());
        machine.listener((tick, owner, event) -> events.add(line(tick, owner.id(), event)));
        machine.runUntilQuiet();
        return events;
    }

    private static String line(long tick, OwnerId owner, Object event) {
        return tick + " " + owner + " " + EventWords.of(event);
    }

    /** Runs the program to its end, one life for each epoch. */
    private static void run(RecordedProgram program, JournalDatabase database, boolean all) {
        ActorSystem<SpawnProtocol.Command> system = JournalDriver.system(database.config());
        try {
            boolean quiet = false;
            for (long life = 1; !quiet; life++) {
                JournalDriver journal = JournalDriver.of(system, new LaneId("told", 0), all);
                JournalCommand.Resumption resumption = journal.resume();
                MachineParts parts = resumption.committed() == null ? program.toParts() : resumption.committed().rows().toParts();
                EventSink sink = EventSink.into(all ? EventLog.ofAll() : EventLog.ofRecent());
                long step = Math.max(1, program.lastTick() / EPOCHS);
                try (HostedMachine machine = new HostedMachine(system, life % 2 == 0 ? MachineActor.create(parts, sink)
                        : MachineClock.create(parts, Duration.ofSeconds(30), sink))) {
                    machine.runWell(life * step);
                    MachineChanges changes = machine.commit();
                    quiet = changes.quiet();
                    journal.commit(life, changes);
                    if (!quiet) {
                        machine.runWell((life + 1) * step);
                        journal.prepare(life, machine.commit(), "", 0);
                    }
                }
            }
        } finally {
            JournalDriver.end(system);
        }
    }

    private static List<String> read(JournalDatabase database, HistoryFilter filter, long from, long to) {
        List<String> lines = new ArrayList<>();
        assertEquals(0, MachineHistory.read(database, "told", filter, from, to, entry -> lines.add(entry.tick() + " " + entry.owner() + " " + entry.words())));
        return lines;
    }

    @Test
    void aFullHistoryIsWhatHappenedInOrder() {
        for (long seed = 1; seed <= 3; seed++) {
            String what = "seed " + seed;
            RecordedProgram program = RecordedProgram.of(seed);
            List<String> expected = undisturbed(program);
            JournalDatabase database = JournalDatabase.open(DatabaseAddress.ofFile(directory.resolve("all" + seed)));
            run(program, database, true);
            assertEquals(String.join("\n", expected), String.join("\n", read(database, HistoryFilter.all(), 0, Long.MAX_VALUE)), what);

            long middle = program.lastTick() / 2;
            String ofFirst = new ProcessId(1).toString();
            List<String> some = expected.stream().filter(line -> tick(line) >= middle && line.contains(" " + ofFirst + " ")).toList();
            assertEquals(some, read(database, HistoryFilter.of(new ProcessId(1)), middle, Long.MAX_VALUE), what);
            assertTrue(read(database, HistoryFilter.ofProcess(1), 0, Long.MAX_VALUE).size() >= some.size(), what);
            long mapped = frame(expected);
            List<String> folio = read(database, HistoryFilter.ofFrame(mapped), 0, Long.MAX_VALUE);
            assertTrue(!folio.isEmpty() && expected.containsAll(folio), () -> what + ", frame " + mapped + ": " + folio);
        }
    }

    private static long tick(String line) {
        return Long.parseLong(line.substring(0, line.indexOf(' ')));
    }

    /** The first frame that is mapped. */
    private static long frame(List<String> events) {
        String line = events.stream().filter(event -> event.contains(" map frames ")).findFirst().orElseThrow();
        return Long.parseLong(line.replaceFirst(".* map frames (\\d+).*", "$1"));
    }

    @Test
    void withoutAHistoryTheLastEventsOfEachEpochAreThere() {
        RecordedProgram program = RecordedProgram.of(1);
        List<String> expected = undisturbed(program);
        JournalDatabase database = JournalDatabase.open(DatabaseAddress.ofFile(directory.resolve("recent")));
        run(program, database, false);
        List<String> lines = new ArrayList<>();
        MachineHistory.read(database, "told", HistoryFilter.all(), 0, Long.MAX_VALUE,
                entry -> lines.add(entry.tick() + " " + entry.owner() + " " + entry.words()));
        assertFalse(lines.isEmpty());
        assertEquals(expected.get(expected.size() - 1), lines.get(lines.size() - 1));
    }

    @Test
    void ofManyEventsTheLastAreKeptAndTheOthersCounted() {
        EventLog log = EventLog.ofRecent();
        for (int i = 0; i < EventLog.RECENT + 10; i++) {
            log.happened(i, new ProcessId(1), List.of(i));
        }
        assertEquals(1, log.take().size());
        assertEquals(List.of(), log.take());
    }
}
