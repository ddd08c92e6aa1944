package org.foliofleet.protocol.experiment;

import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import org.foliofleet.protocol.policy.Policies;
import org.foliofleet.protocol.policy.Switch;
import org.foliofleet.protocol.program.Amount;
import org.foliofleet.protocol.program.DeviceKind;
import org.foliofleet.protocol.program.Program;
import org.foliofleet.protocol.program.SourceLine;

/**
 * An experiment, complete: everything that decides its result; beside it, how its author wants it run.
 *
 * @param version    of the grammar, 1
 * @param about      what it is for; may be empty
 * @param seed       of all random draws
 * @param tickNanos  length of a tick in simulated nanoseconds
 * @param machines   at least one class
 * @param stop       when a machine ends
 * @param assertions what must hold
 * @param summary    what the summary shows beside what it always shows
 * @param execution  how it is run unless told otherwise; no result depends on it, and it is no part of the digest
 */
public record ExperimentSpec(int version, String name, String about, long seed, long tickNanos,
                             List<MachineClass> machines, Stop stop, List<Assertion> assertions, List<MetricKey> summary,
                             Execution execution) {
    public ExperimentSpec {
        machines = List.copyOf(machines);
        assertions = List.copyOf(assertions);
        summary = List.copyOf(summary);
    }

    /**
     * Machines that are alike, and what runs on each.
     *
     * @param count     how many machines
     * @param distances NUMA distances, row by row
     * @param swapPages size of the swap device, 0 for none
     * @param settings  kernel settings that differ from the default, by the keys of {@link SettingCatalog}
     */
    public record MachineClass(String name, int count, List<NumaNode> nodes, List<List<Integer>> distances,
                               long swapPages, SortedMap<String, String> settings, Policies policies,
                               List<FileObject> files, List<Cgroup> cgroups, List<ProcessGroup> processes) {
        public MachineClass {
            nodes = List.copyOf(nodes);
            distances = List.copyOf(distances);
            settings = Collections.unmodifiableSortedMap(new TreeMap<>(settings));
            files = List.copyOf(files);
            cgroups = List.copyOf(cgroups);
            processes = List.copyOf(processes);
        }

        /** The same machines with other policies. */
        public MachineClass with(Policies others) {
            return new MachineClass(name, count, nodes, distances, swapPages, settings, others, files, cgroups, processes);
        }

        /** The same machines with other kernel settings; those at their default are left out. */
        public MachineClass withSettings(Map<String, String> others) {
            TreeMap<String, String> kept = new TreeMap<>(others);
            kept.entrySet().removeIf(each -> SettingCatalog.named(each.getKey()).orElseThrow().defaultValue().equals(each.getValue()));
            return new MachineClass(name, count, nodes, distances, swapPages, kept, policies, files, cgroups, processes);
        }
    }

    /**
     * A NUMA node.
     *
     * @param slowness memory tier, where it is not the fastest: 1 and more; null for the fastest
     */
    public record NumaNode(long memoryPages, int cpus, Integer slowness) {
        public NumaNode(long memoryPages, int cpus) {
            this(memoryPages, cpus, null);
        }

        /** Memory tier, 0 the fastest. */
        public int tier() {
            return slowness == null ? 0 : slowness;
        }
    }

    /**
     * A memory cgroup, a child of the root.
     *
     * @param maxPages {@code memory.max}, 0 for none
     */
    public record Cgroup(String name, long maxPages) {}

    /**
     * A file all of whose pages are cached, or with {@code shmem} an empty memfd, or a device; open in all processes.
     *
     * @param device what its driver does; null for a file
     */
    public record FileObject(String name, long pages, boolean shmem, DriverMemory device) {
        public FileObject(String name, long pages, boolean shmem) {
            this(name, pages, shmem, null);
        }
    }

    /**
     * Memory of a driver.
     *
     * @param kind  how it is mapped
     * @param order of the driver's allocations
     * @param node  where it allocates first
     */
    public record DriverMemory(DeviceKind kind, int order, int node) {}

    /**
     * Processes that run the same program.
     *
     * @param count    processes in each machine
     * @param lifetime nanoseconds after which one is ended, or null: when its program ends
     * @param node     the node it starts on, or {@link #SPREAD}
     * @param cgroup   name of the memory cgroup it is in, empty for the root
     */
    public record ProcessGroup(String name, int count, Arrival arrival, Amount lifetime, int node, String cgroup, Program program) {
        /** One after the other on all nodes. */
        public static final int SPREAD = -1;
    }

    /** When the processes of a group come to life. */
    public sealed interface Arrival {
        /** All at that time, in nanoseconds. */
        record At(long nanos) implements Arrival {}

        /** One after the other, with drawn times between them; the first after one such time. */
        record Every(Amount nanos) implements Arrival {}
    }

    /**
     * When a machine ends; whichever comes first.
     *
     * @param nanos    simulated time, or -1
     * @param ticks    ticks executed, or -1
     * @param whenIdle when all programs are over
     */
    public record Stop(long nanos, long ticks, boolean whenIdle) {
        public static final Stop IDLE = new Stop(-1, -1, true);
    }

    /**
     * What must hold, over all machines of a class (or of the experiment).
     *
     * @param value    in the metric's unit
     * @param mark     the mark at which it must hold, or empty: at the end
     * @param machines the class, or empty: all machines together
     * @param text     as it was written
     */
    public record Assertion(MetricKey metric, Comparison comparison, long value, String mark, String machines, String text,
                            SourceLine line) {}

    /** How an assertion compares. */
    public enum Comparison {
        LESS("<"), AT_MOST("<="), EQUAL("=="), NOT_EQUAL("!="), AT_LEAST(">="), GREATER(">");

        private final String sign;

        Comparison(String sign) {
            this.sign = sign;
        }

        public String sign() {
            return sign;
        }

        /** What holds where this does not. */
        public Comparison opposite() {
            return switch (this) {
                case LESS -> AT_LEAST;
                case AT_MOST -> GREATER;
                case EQUAL -> NOT_EQUAL;
                case NOT_EQUAL -> EQUAL;
                case AT_LEAST -> LESS;
                case GREATER -> AT_MOST;
            };
        }

        public boolean holds(long left, long right) {
            return switch (this) {
                case LESS -> left < right;
                case AT_MOST -> left <= right;
                case EQUAL -> left == right;
                case NOT_EQUAL -> left != right;
                case AT_LEAST -> left >= right;
                case GREATER -> left > right;
            };
        }
    }

    /** The same experiment with another seed. */
    public ExperimentSpec withSeed(long otherSeed) {
        return new ExperimentSpec(version, name, about, otherSeed, tickNanos, machines, stop, assertions, summary, execution);
    }

    /** The same experiment with some switches set anew in all machine classes. */
    public ExperimentSpec withSwitches(Map<Switch, String> switches) {
        return withMachines(machines.stream().map(each -> each.with(each.policies().with(switches))).toList());
    }

    /** The same experiment with other machines. */
    public ExperimentSpec withMachines(List<MachineClass> others) {
        return new ExperimentSpec(version, name, about, seed, tickNanos, others, stop, assertions, summary, execution);
    }

    /** How many machines there are in all classes. */
    public long machineCount() {
        return machines.stream().mapToLong(MachineClass::count).sum();
    }

    /** SHA-256 of the canonical form, in hexadecimal: equal exactly for experiments that mean the same. */
    public String digest() {
        return CanonicalForm.digest(this);
    }
}
