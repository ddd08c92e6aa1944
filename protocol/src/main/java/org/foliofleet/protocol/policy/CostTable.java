package org.foliofleet.protocol.policy;

import java.lang.reflect.RecordComponent;
import java.util.Collections;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;

/**
 * What operations take, in simulated nanoseconds. The default was measured on a real 6.18 kernel in a virtual machine;
 * each figure is the median of its repetitions. Figures that were not measured by themselves say from which they follow.
 *
 * @param zeroPageFault     read fault that maps the zero page
 * @param anonFault         write fault, order 0
 * @param largeFaultPage    clearing and mapping, per page of a folio of order 1 to 8
 * @param thpFault          write fault, order 9
 * @param fileFault         read fault that maps a page-cache page
 * @param copyFault         write fault that copies a page
 * @param reuseFault        write fault that reuses the page
 * @param forkBase          fork of an empty process
 * @param forkPte           per PTE copied, small folios
 * @param forkLargePte      per PTE copied, large folios
 * @param forkPmd           per PMD entry copied
 * @param unmapPte          per page unmapped and freed, small folios
 * @param unmapLargePte     per page unmapped, PTE-mapped large folios
 * @param unmapPmd          per PMD entry unmapped
 * @param mapCall           mmap or munmap of nothing
 * @param vmaSplit          a VMA split
 * @param pmdSplit          a PMD entry split
 * @param adviseePage       madvise(MADV_FREE), per page
 * @param collapse          MADV_COLLAPSE of one block
 * @param lockPage          mlock of a resident page
 * @param unlockPage        munlock of a page
 * @param movePage          mremap, per PTE moved
 * @param movePmd           mremap, per PMD entry moved
 * @param pinPage           long-term pin, per page
 * @param unpinPage         unpin, per page
 * @param splitFolio        splitting a PMD-sized folio
 * @param swapPage          writing or reading a page of the swap device
 * @param hintFault         NUMA hint fault that leaves the page where it is: like one that reuses a page
 * @param migratePage       per page moved to another node: like a copying fault and an unmapping
 * @param remotePage        per page cleared, copied or moved on a node at distance 20, beside what it takes on the own node: as much
 *                          as clearing takes; in proportion to the distance beyond 10
 * @param walkEntry         per page-table entry that a walk by folio (rmap) visits: like MADV_COLD of a PTE-mapped huge page
 */
public record CostTable(long zeroPageFault, long anonFault, long largeFaultPage, long thpFault, long fileFault, long copyFault,
        long reuseFault, long forkBase, long forkPte, long forkLargePte, long forkPmd, long unmapPte, long unmapLargePte, long unmapPmd,
        long mapCall, long vmaSplit, long pmdSplit, long adviseePage, long collapse, long lockPage, long unlockPage, long movePage,
        long movePmd, long pinPage, long unpinPage, long splitFolio, long swapPage,
        long hintFault, long migratePage, long remotePage, long walkEntry) {

    /** The measured kernel. */
    public static final CostTable MEASURED = new CostTable(487, 1304, 434, 222_151, 810, 2336, 614, 37_998, 44, 6, 994, 126, 18, 5136,
            481, 840, 11_748, 116, 488_691, 183, 104, 12, 350, 121, 26, 10_182, 4000, 614, 2462, 434, 7);

    /** Everything takes no time: for replays that only ask what happens. */
    public static final CostTable FREE = new CostTable(0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
            0, 0);

    /** What a page that is cleared, copied or moved takes more because its node is that far; 10 is the own one. */
    public long remote(long pages, int distance) {
        return distance <= 10 ? 0 : pages * remotePage * (distance - 10) / 10;
    }

    /** All figures by name, such as {@code anon_fault}. */
    public Map<String, Long> figures() {
        Map<String, Long> figures = new TreeMap<>();
        for (RecordComponent component : CostTable.class.getRecordComponents()) {
            figures.put(name(component), figure(component));
        }
        return Collections.unmodifiableMap(figures);
    }

    /**
     * A copy with one figure changed.
     *
     * @param name  as in {@link #figures}
     * @param nanos not negative
     * @throws IllegalArgumentException if there is none of that name
     */
    public CostTable with(String name, long nanos) {
        RecordComponent[] components = CostTable.class.getRecordComponents();
        Object[] values = new Object[components.length];
        Class<?>[] types = new Class<?>[components.length];
        boolean found = false;
        for (int i = 0; i < components.length; i++) {
            boolean chosen = name(components[i]).equals(name);
            values[i] = chosen ? nanos : figure(components[i]);
            types[i] = long.class;
            found |= chosen;
        }
        if (!found || nanos < 0) {
            throw new IllegalArgumentException("no figure of the cost table is called " + name + ", or it can not be " + nanos);
        }
        try {
            return CostTable.class.getDeclaredConstructor(types).newInstance(values);
        } catch (ReflectiveOperationException e) {
            throw new IllegalStateException("a record can be made", e);
        }
    }

    private long figure(RecordComponent component) {
        try {
            return (long) component.getAccessor().invoke(this);
        } catch (ReflectiveOperationException e) {
            throw new IllegalStateException("a record's component can be read", e);
        }
    }

    private static String name(RecordComponent component) {
        return component.getName().replaceAll("([A-Z])", "_$1").toLowerCase(Locale.ROOT);
    }
}
