package org.foliofleet.protocol.message;

/** What is said about memory cgroups: {@code struct mem_cgroup}, mm/memcontrol.c. */
public final class Memcg {
    /** The root: what is charged to it is not counted. */
    public static final int ROOT = 0;
    /** As many can there be on a machine beside the root. */
    public static final int MAX_CGROUPS = 127;
    /** In place of a number: all cgroups. */
    public static final int ALL = -1;

    private Memcg() {}

    // -- to a cgroup that has a limit ----------------------------------------------------------------------------

    /**
     * It begins.
     *
     * @param max {@code memory.max} in pages
     */
    public record Begin(String name, long max) implements MemcgCommand<Void> {}

    /** What who charges may do when the cgroup is at its limit. */
    public enum Trying {
        /** Nothing: {@code !gfpflags_allow_blocking()}. */
        NOT,
        /** Reclaim once. */
        ONCE,
        /** Reclaim until there is room, or nothing comes of it. */
        FULL
    }

    /** How a charge ended. */
    public enum Charged {
        /** The node may charge the pages. */
        DONE,
        /** -ENOMEM. */
        REFUSED,
        /** Nothing can be reclaimed; somebody must be killed. */
        STUCK
    }

    /** {@code try_charge_memcg()}: a node wants to charge that many more pages. */
    public record Charge(int node, long pages, Trying trying) implements MemcgCommand<Charged> {}

    /** A process of the cgroup was killed for its memory. */
    public record OomKilled() implements MemcgCommand<Void> {}

    // -- to a node -----------------------------------------------------------------------------------------------

    /** {@code drain_all_stock()}: the node may charge no more from now on, but for what it was promised a moment ago. */
    public record Recall(int cgroup) implements NumaNodeCommand<Recalled> {}

    /**
     * @param charged  pages
     * @param promised pages that may still be charged
     */
    public record Recalled(long charged, long promised) {}

    /**
     * The node may charge so many more pages.
     *
     * @param promised those that somebody is about to ask for: they are not recalled at once
     */
    public record Allow(int cgroup, long pages, long promised) implements NumaNodeCommand<Void> {}

    /** {@code shrink_node()} on behalf of a cgroup: its lists, in parts of their size by priority, and its deferred split queue. */
    public record Shrink(int cgroup, int priority, long target) implements PressureCommand<PressureCommand.Progress> {}
}
