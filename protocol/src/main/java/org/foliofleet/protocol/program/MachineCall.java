package org.foliofleet.protocol.program;

import org.foliofleet.protocol.id.PageRange;

/** What somebody does to the machine as a whole, rather than one of its processes. */
public sealed interface MachineCall {
    /** Writes a kernel setting; keys and values as in scenario files. */
    record Set(String key, String value) implements MachineCall {}

    /** {@code memfd_create()}: a shmem object of that many pages, open in all processes. */
    record CreateMemfd(String name, long pages) implements MachineCall {}

    /** A regular file of that many pages, all of them in the page cache. */
    record CreateFile(String name, long pages) implements MachineCall {}

    /**
     * A driver comes to be that has allocated this much memory.
     *
     * @param pages of memory, which no page cache holds and no rmap finds
     * @param kind  how it maps them
     * @param order of its allocations: compound pages of that order
     * @param node  where it allocates first
     */
    record CreateDevice(String name, long pages, DeviceKind kind, int order, int node) implements MachineCall {}

    /** The driver frees its memory, whether or not somebody maps it still. */
    record FreeDevice(String name) implements MachineCall {}

    /**
     * A memory cgroup below the root comes to be.
     *
     * @param max {@code memory.max} in pages, 0 for none
     */
    record CreateCgroup(String name, long max) implements MachineCall {}

    /** {@code drop_caches} 2: the deferred-split shrinker until it finds nothing more. */
    record ShrinkSlab() implements MachineCall {}

    record KsmScan(int scans) implements MachineCall {}

    record KhugepagedScan(int scans) implements MachineCall {}

    /** {@code memory.force_empty}: reclaims all there is. */
    record Reclaim() implements MachineCall {}

    /** debugfs {@code split_huge_pages} for a file. */
    record SplitFile(String file, PageRange range, int order, int offset) implements MachineCall {}
}
