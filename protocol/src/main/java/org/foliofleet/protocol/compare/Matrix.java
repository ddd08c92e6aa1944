package org.foliofleet.protocol.compare;

import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.stream.Stream;
import org.foliofleet.protocol.BadInput;
import org.foliofleet.protocol.experiment.ExperimentSpec;
import org.foliofleet.protocol.experiment.ExperimentSpec.MachineClass;

/**
 * All combinations of the values of some switches and settings, each run with the same seeds: runs with the same seed have
 * the same workload draws.
 *
 * @param spec     as it is written
 * @param axes     at least one, of which at least one has more than one value
 * @param variants all combinations; the last axis varies fastest
 * @param seeds    at least one, ascending
 */
public record Matrix(ExperimentSpec spec, List<Axis> axes, List<Variant> variants, List<Long> seeds) {
    /** Most combinations of one comparison. */
    public static final int MOST_VARIANTS = 64;
    /** Most seeds of one comparison. */
    public static final int MOST_SEEDS = 1000;

    public Matrix {
        axes = List.copyOf(axes);
        variants = List.copyOf(variants);
        seeds = List.copyOf(seeds);
    }

    /**
     * Reads what shall be compared.
     *
     * @param spec     or null if it could not be read: then this only finds further problems
     * @param switches each {@code [CLASS:]NAME=VALUE[,VALUE…]}
     * @param settings the same, of kernel settings
     * @param seeds    how many, beginning at that of the experiment
     * @param problems gets a message for everything that can not be done
     * @return the matrix, or null if there are problems
     */
    public static Matrix read(ExperimentSpec spec, List<String> switches, List<String> settings, int seeds, List<String> problems) {
        AxisReader reader = new AxisReader(spec, problems);
        List<Axis> axes = Stream.concat(switches.stream().map(reader::ofSwitch), settings.stream().map(reader::ofSetting))
            .filter(Objects::nonNull).toList();
        if (seeds < 1 || seeds > MOST_SEEDS) {
            problems.add("--seeds " + seeds + ": a comparison has 1 to " + MOST_SEEDS + " seeds; write such a number");
        }
        Axis first = axes.stream().filter(axis -> axis.values().size() > 1).findFirst().orElse(null);
        if (problems.isEmpty() && first == null) {
            problems.add("there is nothing to compare; write --switch NAME=VALUE,VALUE or --kernel NAME=VALUE,VALUE");
        }
        long count = 1;
        for (Axis axis : axes) {
            count = Math.min(MOST_VARIANTS + 1L, count * Math.max(1, axis.values().size()));
        }
        if (count > MOST_VARIANTS) {
            problems.add("there are more than " + MOST_VARIANTS + " combinations of these values; leave some out, or compare in several runs");
        }
        if (spec == null || !problems.isEmpty()) {
            return null;
        }
        List<Variant> variants = variants(spec, axes);
        contradictions(variants, axes, problems);
        if (!problems.isEmpty()) {
            return null;
        }
        return new Matrix(spec, axes, variants, Stream.iterate(spec.seed(), seed -> seed + 1).limit(seeds).toList());
    }

    private static List<Variant> variants(ExperimentSpec spec, List<Axis> axes) {
        List<List<String>> combinations = new ArrayList<>(List.of(List.of()));
        for (Axis axis : axes) {
            List<List<String>> longer = new ArrayList<>();
            for (List<String> each : combinations) {
                for (String value : axis.values()) {
                    List<String> more = new ArrayList<>(each);
                    more.add(value);
                    longer.add(more);
                }
            }
            combinations = longer;
        }
        List<Variant> variants = new ArrayList<>();
        for (List<String> values : combinations) {
            List<MachineClass> machines = new ArrayList<>();
            for (MachineClass each : spec.machines()) {
                MachineClass changed = each;
                for (int i = 0; i < axes.size(); i++) {
                    changed = axes.get(i).set(changed, values.get(i));
                }
                machines.add(changed);
            }
            variants.add(new Variant(variants.size(), values, spec.withMachines(machines)));
        }
        return variants;
    }

    /**
     * Each contradiction is told once, with the combination in which it is first met. A switch that stands in the file, and that a
     * combination makes idle, is idle there.
     */
    private static void contradictions(List<Variant> variants, List<Axis> axes, List<String> problems) {
        Set<String> told = new LinkedHashSet<>();
        for (Variant variant : variants) {
            for (MachineClass machines : variant.spec().machines()) {
                machines.policies().contradictions().stream()
                    .filter(each -> axes.stream().anyMatch(axis -> axis.key() == each.culprit() && axis.concerns(machines)))
                    .filter(each -> told.add(each.text()))
                    .forEach(each -> problems.add(describe(variant, axes) + " in " + machines.name() + ": " + each.text()));
            }
        }
    }

    private static String describe(Variant variant, List<Axis> axes) {
        List<String> words = new ArrayList<>();
        for (int i = 0; i < axes.size(); i++) {
            words.add(axes.get(i).name() + "=" + variant.values().get(i));
        }
        return String.join(" ", words);
    }

    /** The combination in words: of one axis its value, else all that vary. */
    public String name(Variant variant) {
        List<String> words = new ArrayList<>();
        for (int i = 0; i < axes.size(); i++) {
            if (axes.get(i).values().size() > 1) {
                words.add(axes.get(i).name() + "=" + variant.values().get(i));
            }
        }
        return String.join(" ", words);
    }

    /** What commas outside of braces and parentheses part. */
    public static List<String> parts(String written) {
        return AxisReader.parts(written);
    }

    /** How many experiments are run. */
    public int runs() {
        return variants.size() * seeds.size();
    }

    /** @throws BadInput with all of the problems, if there are any */
    public static void refuse(List<String> problems) {
        if (!problems.isEmpty()) {
            throw new BadInput(String.join("\n", problems));
        }
    }
}
