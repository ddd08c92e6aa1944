package org.foliofleet.node.mm.measure;

import java.util.ArrayList;
import java.util.Map;
import java.util.TreeMap;
import org.foliofleet.node.mm.collection.RunSet;
import org.foliofleet.protocol.message.FrameRuns;

/** What the page tables of all processes say together, and which frames locked VMAs map. */
final class MappingTotals {
    /** {@code vm_area_struct}, {@code anon_vma} and {@code anon_vma_chain}, a page table with its struct page: bytes (R15.4). */
    private static final long VMA_BYTES = 192;
    private static final long ANON_VMA_BYTES = 104;
    private static final long CHAIN_BYTES = 64;
    private static final long TABLE_BYTES = 4096 + 64;
    /** {@code mm_struct} with its page directory; a leaf of the maple tree, which holds about ten VMAs. */
    private static final long MM_BYTES = 1600 + 4096;
    private static final long MAPLE_NODE_BYTES = 256;
    private static final long VMAS_OF_NODE = 10;

    private long vmas;
    private long anonVmas;
    private long chains;
    private long tables;
    private long mapped;
    private long hugeCoverage;
    private long crossing;
    private long vmasOfTrees;
    private long processes;
    private long mapleNodes;
    private long vmaPeak;
    private final ArrayList<FrameRuns> locked = new ArrayList<>();

    void add(long moreVmas, long moreAnonVmas, long moreChains, long moreTables, long moreMapped, long moreHugeCoverage, long moreCrossing) {
        vmas += moreVmas;
        anonVmas += moreAnonVmas;
        chains += moreChains;
        tables += moreTables;
        mapped += moreMapped;
        hugeCoverage += moreHugeCoverage;
        crossing += moreCrossing;
    }

    void addTree(long moreVmas, long peak) {
        vmasOfTrees += moreVmas;
        vmaPeak = Math.max(vmaPeak, peak);
    }

    /** Living processes, of which each has so many VMAs. */
    void addProcess(long itsVmas) {
        processes++;
        mapleNodes += (itsVmas + VMAS_OF_NODE - 1) / VMAS_OF_NODE;
    }

    void addLocked(FrameRuns more) {
        if (!more.isEmpty()) {
            locked.add(more);
        }
    }

    void add(MappingTotals other) {
        add(other.vmas, other.anonVmas, other.chains, other.tables, other.mapped, other.hugeCoverage, other.crossing);
        addTree(other.vmasOfTrees, other.vmaPeak);
        processes += other.processes;
        mapleNodes += other.mapleNodes;
        locked.addAll(other.locked);
    }

    long vmas() {
        return vmas;
    }

    /** {@code anon_vma}s that are a VMA's own. */
    long anonVmas() {
        return anonVmas;
    }

    /** {@code anon_vma_chain}s. */
    long chains() {
        return chains;
    }

    long mapped() {
        return mapped;
    }

    long hugeCoverage() {
        return hugeCoverage;
    }

    long crossing() {
        return crossing;
    }

    /** VMAs in the trees of living processes. */
    long vmasOfTrees() {
        return vmasOfTrees;
    }

    /** Most VMAs that any of the processes ever had. */
    long vmaPeak() {
        return vmaPeak;
    }

    /** Bytes of kernel objects, by what they are (R15.4). */
    Map<String, Long> kernelMeta() {
        Map<String, Long> bytes = new TreeMap<>();
        bytes.put("vma", vmas * VMA_BYTES);
        bytes.put("anon_vma", anonVmas * ANON_VMA_BYTES);
        bytes.put("chain", chains * CHAIN_BYTES);
        bytes.put("page_table", tables * TABLE_BYTES);
        bytes.put("mm", processes * MM_BYTES);
        bytes.put("maple", mapleNodes * MAPLE_NODE_BYTES);
        return bytes;
    }

    boolean hasLocked() {
        return !locked.isEmpty();
    }

    /** Of the frames that locked VMAs map, those in {@code set}: how often they are mapped. They are added to {@code met}. */
    long lockedIn(RunSet set, RunSet met) {
        long[] times = {0};
        for (FrameRuns runs : locked) {
            for (int i = 0; i < runs.size(); i++) {
                set.forEach(runs.start(i), runs.start(i) + runs.count(i), (start, count) -> {
                    times[0] += count;
                    met.add(start, count);
                });
            }
        }
        return times[0];
    }
}
