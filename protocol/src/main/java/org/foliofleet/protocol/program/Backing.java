package org.foliofleet.protocol.program;

/** What is mapped. */
public sealed interface Backing {
    /** Anonymous memory; with a shared mapping, a shmem object of its own. */
    record Anonymous() implements Backing {}

    /**
     * A file, memfd or other object of the machine, by the name it was made with.
     *
     * @param pageOffset file page of the first mapped page
     */
    record File(String name, long pageOffset) implements Backing {}

    /**
     * Memory of a driver, by the name of its device.
     *
     * @param pageOffset page of the device's memory that is mapped first
     */
    record Device(String name, long pageOffset) implements Backing {}

    /** Kernel-owned pages outside any page cache (vdso, vvar): VM_SPECIAL, never merged, split or reclaimed. */
    record Special(String name) implements Backing {}
}
