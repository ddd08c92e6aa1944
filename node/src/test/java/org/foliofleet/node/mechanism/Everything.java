package org.foliofleet.node.mechanism;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Function;
import java.util.stream.IntStream;
import org.foliofleet.node.local.LocalHost;
import org.foliofleet.node.mm.machine.Machine;
import org.foliofleet.node.mm.workload.StopRule;
import org.foliofleet.protocol.experiment.ExperimentSpec;
import org.foliofleet.protocol.experiment.ExperimentSpec.MachineClass;
import org.foliofleet.protocol.experiment.MachineResult;
import org.foliofleet.protocol.experiment.SpecLoader;
import org.foliofleet.protocol.experiment.WorkloadPlan;

/** A machine of the experiment {@code chaos/everything.yaml}, as it goes when nothing disturbs it: on one thread, without a journal. */
public final class Everything {
    private static final String WRITTEN = "times: 3";

    private final ExperimentSpec spec;
    private final MachineClass machines;
    private final Machine undisturbed;
    private final MachineResult result;
    private final List<Long> ticks = new ArrayList<>();
    private final List<Set<Mechanism>> underWay = new ArrayList<>();

    /** Runs it. */
    public Everything(ExperimentSpec spec, MachineClass machines) {
        this.spec = spec;
        this.machines = machines;
        undisturbed = boot();
        StopRule rule = rule();
        while (undisturbed.end(rule) == null) {
            undisturbed.step();
            ticks.add(undisturbed.tick());
            underWay.add(Mechanism.underWay(undisturbed.parts()));
        }
        result = undisturbed.result(rule);
    }

    /**
     * The YAML.
     *
     * @param seed   of all draws
     * @param rounds of each process
     */
    public static String text(long seed, int rounds) {
        try (InputStream in = Everything.class.getResourceAsStream("/chaos/everything.yaml")) {
            return new String(in.readAllBytes(), StandardCharsets.UTF_8).replace(WRITTEN, "times: " + rounds).replace("seed: 1\n", "seed: " + seed + "\n");
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** The experiment. */
    public static ExperimentSpec spec(long seed, int rounds) {
        return SpecLoader.read(text(seed, rounds).getBytes(StandardCharsets.UTF_8), "everything");
    }

    /** The name of the class of machines. */
    public String name() {
        return machines.name();
    }

    /** Its machine before the first tick. */
    public Machine boot() {
        return new LocalHost().boot(spec, machines, 0);
    }

    /** Its programs. */
    public WorkloadPlan plan() {
        return WorkloadPlan.of(spec, machines, 0);
    }

    /** By which it ends. */
    public StopRule rule() {
        return StopRule.of(spec.stop(), plan());
    }

    /** The machine at its end. */
    public Machine undisturbed() {
        return undisturbed;
    }

    /** What came of it. */
    public MachineResult result() {
        return result;
    }

    /** All that was ever under way between two ticks. */
    public Set<Mechanism> met() {
        Set<Mechanism> all = EnumSet.noneOf(Mechanism.class);
        underWay.forEach(all::addAll);
        return all;
    }

    /** How often a mechanism happened, by its evidence. */
    public long evidence(Mechanism mechanism) {
        return Evidence.of(mechanism.evidence(), result);
    }

    /** Ticks after which everything is under way that ever is, as few as may be. */
    public TreeMap<Long, Set<Mechanism>> cuts() {
        return cuts(candidates -> candidates.get(0));
    }

    /** Ticks after which everything is under way that ever is; whatever is met least is met at one of all the ticks that have it. */
    public TreeMap<Long, Set<Mechanism>> cuts(Random draws) {
        return cuts(candidates -> candidates.get(draws.nextInt(candidates.size())));
    }

    /** @param choice among ticks that have the rarest mechanism that is left, by number, those first that have most of the others */
    private TreeMap<Long, Set<Mechanism>> cuts(Function<List<Integer>, Integer> choice) {
        Map<Mechanism, Integer> times = new EnumMap<>(Mechanism.class);
        underWay.forEach(met -> met.forEach(each -> times.merge(each, 1, Integer::sum)));
        Set<Mechanism> left = met();
        TreeMap<Long, Set<Mechanism>> cuts = new TreeMap<>();
        while (!left.isEmpty()) {
            Mechanism rarest = left.stream().min(Comparator.comparingInt(times::get)).orElseThrow();
            List<Integer> candidates = new ArrayList<>(IntStream.range(0, ticks.size() - 1).filter(i -> underWay.get(i).contains(rarest)).boxed().toList());
            candidates.sort(Comparator.comparingLong(i -> -underWay.get(i).stream().filter(left::contains).count()));
            int chosen = choice.apply(candidates);
            cuts.put(ticks.get(chosen), underWay.get(chosen));
            left.removeAll(underWay.get(chosen));
        }
        return cuts;
    }
}
