package org.foliofleet.node.bench;

import java.util.EnumSet;
import java.util.Locale;
import org.foliofleet.protocol.id.OwnerId.NamespaceId;
import org.foliofleet.protocol.id.PageRange;
import org.foliofleet.protocol.message.NamespaceCommand;
import org.foliofleet.protocol.program.Advice;
import org.foliofleet.protocol.program.Backing;
import org.foliofleet.protocol.program.MapFlag;
import org.foliofleet.protocol.program.MemoryCall;
import org.foliofleet.protocol.program.Protection;

/** Prints what a VMA costs on the heap that maps one folio of 512 pages by PTEs; at most 300 bytes. */
public final class VmaFootprint {
    private static final int VMAS = 60_000;

    private VmaFootprint() {}

    public static void main(String[] arguments) {
        Workbench bench = new Workbench("always");
        bench.machine.settings(bench.machine.settings().with("shmem", "always"));
        bench.machine.request(new NamespaceId(), new NamespaceCommand.CreateFile("f", true, 512));
        long before = usedBytes();
        for (int i = 0; i < VMAS; i++) {
            PageRange range = new PageRange(Workbench.BASE + 1 + 513L * i, 512);
            bench.call(new MemoryCall.Mmap(range, Protection.READ_WRITE, true, new Backing.File("f", 0), EnumSet.noneOf(MapFlag.class)));
            bench.call(new MemoryCall.Madvise(range, Advice.POPULATE_WRITE));
        }
        double each = (usedBytes() - before) / (double) VMAS;
        System.out.printf(Locale.ROOT, "%d VMAs, %.0f bytes each%n", VMAS, each);
    }

    private static long usedBytes() {
        Runtime runtime = Runtime.getRuntime();
        for (int i = 0; i < 5; i++) {
            System.gc();
        }
        return runtime.totalMemory() - runtime.freeMemory();
    }
}
