package org.foliofleet.protocol.message;

/** Bits of {@code vm_flags}. */
public final class VmaFlags {
    public static final long READ = 1;
    public static final long WRITE = 1 << 1;
    public static final long EXEC = 1 << 2;
    /** VM_SHARED: shared and, of a file opened for writing, writable. */
    public static final long SHARED = 1 << 3;
    public static final long MAYSHARE = 1 << 4;
    public static final long GROWSDOWN = 1 << 5;
    public static final long LOCKED = 1 << 6;
    public static final long LOCKONFAULT = 1 << 7;
    public static final long ACCOUNT = 1 << 8;
    public static final long NORESERVE = 1 << 9;
    public static final long HUGEPAGE = 1 << 10;
    public static final long NOHUGEPAGE = 1 << 11;
    public static final long DONTCOPY = 1 << 12;
    public static final long WIPEONFORK = 1 << 13;
    public static final long DONTDUMP = 1 << 14;
    public static final long SEQ_READ = 1 << 15;
    public static final long RAND_READ = 1 << 16;
    public static final long MERGEABLE = 1 << 17;
    public static final long UFFD_MISSING = 1 << 18;
    public static final long UFFD_WP = 1 << 19;
    public static final long UFFD_MINOR = 1 << 20;
    public static final long PFNMAP = 1 << 21;
    public static final long MIXEDMAP = 1 << 22;
    public static final long IO = 1 << 23;
    public static final long DONTEXPAND = 1 << 24;
    public static final long STACK = 1 << 25;
    /** Shown as {@code gu}: may have guard regions. */
    public static final long MAYBE_GUARD = 1 << 26;
    public static final long DROPPABLE = 1 << 27;
    /** Exempt from merging, mlock and THP. */
    public static final long SPECIAL = IO | DONTEXPAND | PFNMAP | MIXEDMAP;
    public static final long ACCESS = READ | WRITE | EXEC;
    public static final long UFFD_ANY = UFFD_MISSING | UFFD_WP | UFFD_MINOR;
    public static final long LOCKED_MASK = LOCKED | LOCKONFAULT;

    private VmaFlags() {}
}
