package org.foliofleet.node.local;

import akka.actor.typed.ActorSystem;
import akka.actor.typed.SpawnProtocol;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import org.foliofleet.node.actor.EventSink;
import org.foliofleet.node.mm.machine.Machine;
import org.foliofleet.node.workload.ExperimentRunner.Progress;
import org.foliofleet.protocol.experiment.ExperimentSpec;
import org.foliofleet.protocol.experiment.ExperimentSpec.MachineClass;
import org.foliofleet.protocol.experiment.WorkloadPlan;

/**
 * Runs every machine of an experiment twice, side by side: bare on the caller's thread, and as {@link ActorTwin}. After
 * {@value #FIRST} ticks, and then after twice as many as before up to {@value #MOST}, the digests are compared. Where they
 * part, both go on once more from the last tick in which they were equal, and {@link FirstDifference} says what differs.
 */
public final class DeterminismCheck {
    /** Ticks before the first comparison. */
    static final int FIRST = 16;
    /** Most ticks between two comparisons. */
    static final int MOST = 4096;

    /**
     * What came out.
     *
     * @param machines   that were compared
     * @param digest     of the experiment and the final states of its machines, SHA-256, which is that of a run; empty if
     *                   there is a difference
     * @param difference in words, empty if there is none
     */
    public record Outcome(long machines, String digest, String difference) {
        public boolean isDeterministic() {
            return difference.isEmpty();
        }
    }

    private final ExperimentSpec spec;
    private final Twin.Maker twins;
    private final Progress progress;

    private DeterminismCheck(ExperimentSpec spec, Twin.Maker twins, Progress progress) {
        this.spec = spec;
        this.twins = twins;
        this.progress = progress;
    }

    /** Compares the machines one after the other, up to the first that differs. */
    public static Outcome run(ExperimentSpec spec, Progress progress) {
        ActorSystem<SpawnProtocol.Command> system = ActorSystem.create(SpawnProtocol.create(), "determinism");
        try {
            return run(spec, (parts, plan, sink) -> new ActorTwin(system, parts, plan, sink), progress);
        } finally {
            system.terminate();
            system.getWhenTerminated().toCompletableFuture().join();
        }
    }

    static Outcome run(ExperimentSpec spec, Twin.Maker twins, Progress progress) {
        return new DeterminismCheck(spec, twins, progress).run();
    }

    private Outcome run() {
        MessageDigest digest = sha256();
        add(digest, spec.digest());
        long of = spec.machines().stream().mapToLong(MachineClass::count).sum();
        long done = 0;
        for (MachineClass machines : spec.machines()) {
            for (int ordinal = 0; ordinal < machines.count(); ordinal++) {
                WorkloadPlan plan = WorkloadPlan.of(spec, machines, ordinal);
                Machine bare = new LocalHost().boot(spec, machines, ordinal);
                String difference = compare(bare, plan, machines.name(), ordinal);
                progress.machinesDone(++done, of);
                if (!difference.isEmpty()) {
                    return new Outcome(done, "", "machine " + machines.name() + " " + ordinal + " differs: " + difference);
                }
                add(digest, bare.digest());
            }
        }
        return new Outcome(done, HexFormat.of().formatHex(digest.digest()), "");
    }

    /** The difference in words, empty if there is none. */
    private String compare(Machine machine, WorkloadPlan plan, String name, int ordinal) {
        LocalMachine bare = new LocalMachine(machine, plan, spec.stop());
        byte[] equal = machine.snapshot();
        try (Twin twin = twins.make(FirstDifference.parts(equal, plan), plan, EventSink.NONE)) {
            long ticks = FIRST;
            for (boolean ended = false; !ended; ticks = Math.min(MOST, ticks * 2)) {
                ended = bare.run(ticks);
                if (!isEqual(machine, twin)) {
                    return FirstDifference.find(equal, machine.tick(), plan, twins);
                }
                equal = machine.snapshot();
                progress.machineAt(name, ordinal, bare.nanos());
            }
            return "";
        }
    }

    private static boolean isEqual(Machine machine, Twin twin) {
        try {
            twin.runTo(machine.tick());
        } catch (RuntimeException e) {
            return false;   // the second run will show where it comes from
        }
        return machine.digest().equals(twin.digest());
    }

    private static MessageDigest sha256() {
        try {
            return MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java platform has SHA-256", e);
        }
    }

    private static void add(MessageDigest digest, String part) {
        digest.update(part.getBytes(StandardCharsets.UTF_8));
        digest.update((byte) '\n');
    }
}
