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

    /** {@code drop_caches} 2: the deferred-split shrinker until it finds nothing more. */
    record ShrinkSlab() implements MachineCall {}

    record KsmScan(int scans) implements MachineCall {}

    record KhugepagedScan(int scans) implements MachineCall {}

    /** {@code memory.force_empty}: reclaims all there is. */
    record Reclaim() implements MachineCall {}

    /** debugfs {@code split_huge_pages} for a file. */
    record SplitFile(String file, PageRange range, int order, int offset) implements MachineCall {}
}
