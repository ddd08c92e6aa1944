package org.foliofleet.protocol.program;

import java.util.Arrays;
import java.util.List;
import java.util.Locale;

/** How a driver puts its memory into page tables: what its {@code mmap} handler and its fault handler call (R14.1 to R14.4). */
public enum DeviceKind {
    /** {@code remap_pfn_range()} in {@code mmap()}: VM_PFNMAP, special entries, no {@code struct page}. */
    PFN,
    /** {@code vmf_insert_pfn()} in faults: the same, page by page. */
    PFN_FAULT,
    /** {@code vmf_insert_mixed()} in faults: VM_MIXEDMAP, special entries. */
    MIXED,
    /** {@code vm_insert_page()} for each page in {@code mmap()}, as packet sockets do: VM_MIXEDMAP, pages that are counted. */
    INSERT_PAGE,
    /** {@code vm_insert_pages()} in {@code mmap()}, as io_uring does for its rings; the mapping can not grow. */
    INSERT_PAGES,
    /** {@code vmf_insert_page_mkwrite()} in faults: pages that are counted. */
    FAULT_INSERT;

    /** All names in experiment files. */
    public static List<String> words() {
        return Arrays.stream(values()).map(DeviceKind::word).toList();
    }

    /** The kind of that name. */
    public static DeviceKind named(String word) {
        return valueOf(word.replace('-', '_').toUpperCase(Locale.ROOT));
    }

    /** The name in experiment files. */
    public String word() {
        return name().replace('_', '-').toLowerCase(Locale.ROOT);
    }

    /** Entries are special: neither references nor mapcounts nor Rss. */
    public boolean isBare() {
        return this == PFN || this == PFN_FAULT || this == MIXED;
    }

    /** The whole mapping is VM_PFNMAP; otherwise VM_MIXEDMAP. */
    public boolean isPfnMap() {
        return this == PFN || this == PFN_FAULT;
    }

    /** The driver has a fault handler; otherwise {@code mmap()} fills the page tables. */
    public boolean faults() {
        return this == PFN_FAULT || this == MIXED || this == FAULT_INSERT;
    }
}
