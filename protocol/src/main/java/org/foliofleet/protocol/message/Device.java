package org.foliofleet.protocol.message;

import org.foliofleet.protocol.program.DeviceKind;

/** What is asked about the memory of drivers: of the device, of the nodes that have it, and of page tables. */
public final class Device {
    private Device() {}

    /**
     * The driver allocates its memory.
     *
     * @param order of each allocation
     * @param node  that is tried first
     * @return false if there is not enough; then it has none
     */
    public record Begin(String name, DeviceKind kind, long pages, int order, int node) implements AddressSpaceCommand<Boolean> {}

    /** The driver frees its memory; who maps it counted keeps it. */
    public record End() implements AddressSpaceCommand<Void> {}

    /** How the driver maps its memory, and how much of it there is. */
    public record Describe() implements AddressSpaceCommand<Description> {}

    /** @param pages of memory; 0 once it is freed */
    public record Description(DeviceKind kind, long pages) {}

    /**
     * {@code remap_pfn_range()}, {@code vm_insert_pages()}, or what a fault handler calls: entries for these pages, whose
     * mappings are counted.
     *
     * @param empty pages of the VMA without an entry
     * @param write by a write fault
     */
    public record Insert(VmaInfo vma, FrameRuns empty, boolean write) implements AddressSpaceCommand<AddressSpaceCommand.Mapped> {}

    /** The driver's {@code mmap} handler fills a new VMA; replies whether that went well. */
    public record Fill() implements VmaCommand<Boolean> {}

    /** {@code alloc_pages()}: compound pages of that order for a driver; fewer may be granted. */
    public record Allocate(int order, long pages) implements NumaNodeCommand<FrameRuns> {}

    /** {@code __free_pages()}: the driver gives up its references. */
    public record Release(FrameRuns frames) implements NumaNodeCommand<Void> {}
}
