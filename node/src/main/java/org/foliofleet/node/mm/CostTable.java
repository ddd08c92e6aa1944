package org.foliofleet.node.mm;

/**
 * What operations take, in simulated nanoseconds. The default was measured on a real 6.18 kernel in a virtual machine;
 * each figure is the median of its repetitions.
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
 */
public record CostTable(long zeroPageFault, long anonFault, long largeFaultPage, long thpFault, long fileFault, long copyFault,
        long reuseFault, long forkBase, long forkPte, long forkLargePte, long forkPmd, long unmapPte, long unmapLargePte, long unmapPmd,
        long mapCall, long vmaSplit, long pmdSplit, long adviseePage, long collapse, long lockPage, long unlockPage, long movePage,
        long movePmd, long pinPage, long unpinPage, long splitFolio, long swapPage) {

    /** The measured kernel. */
    public static final CostTable MEASURED = new CostTable(487, 1304, 434, 222_151, 810, 2336, 614, 37_998, 44, 6, 994, 126, 18, 5136,
            481, 840, 11_748, 116, 488_691, 183, 104, 12, 350, 121, 26, 10_182, 4000);

    /** Everything takes no time: for replays that only ask what happens. */
    public static final CostTable FREE = new CostTable(0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0);
}
