package org.foliofleet.node.trace;

/**
 * A virtual memory area as {@code PERF_RECORD_MMAP2} describes it: after merging with its neighbours.
 *
 * @param start      byte address
 * @param length     bytes
 * @param fileOffset bytes
 * @param inode      device and inode, empty for what has none
 * @param protection {@code PROT_*} bits
 * @param shared     a shared mapping
 * @param name       path, {@code //anon}, {@code [stack]} and the like
 */
public record MappedImage(long start, long length, long fileOffset, String inode, int protection, boolean shared,
        String name) {
    /** Memory of the process itself, without a file. */
    public boolean anonymous() {
        return !shared && (name.equals("//anon") || name.equals("[heap]") || name.startsWith("[stack")
                || name.startsWith("[anon"));
    }

    /** Pages the kernel maps by itself (vdso, vvar and the like). */
    public boolean special() {
        return name.startsWith("[") && !anonymous() && !name.startsWith("[anon_shmem");
    }

    public boolean stack() {
        return name.startsWith("[stack");
    }

    /** What tells this file from others: its inode, or its path where the recording has none. */
    public String fileKey() {
        return inode.isEmpty() ? name : name + "@" + inode;
    }
}
