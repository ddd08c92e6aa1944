package org.foliofleet.protocol.message;

/** What is said about memory cgroups: {@code struct mem_cgroup}, mm/memcontrol.c. */
public final class Memcg {
    /** The root: what is charged to it is not counted. */
    public static final int ROOT = 0;
    /** As many can there be on a machine beside the root. */
    public static final int MAX_CGROUPS = 127;

    private Memcg() {}
}
