package org.foliofleet.node.bench;

import java.util.EnumSet;
import java.util.Locale;
import org.foliofleet.node.mm.KernelSettings;
import org.foliofleet.node.mm.Topology;
import org.foliofleet.node.mm.flow.Owner;
import org.foliofleet.node.mm.machine.Machine;
import org.foliofleet.node.mm.vma.Vma;
import org.foliofleet.protocol.id.OwnerId.NamespaceId;
import org.foliofleet.protocol.id.OwnerId.ProcessId;
import org.foliofleet.protocol.id.PageOrder;
import org.foliofleet.protocol.id.PageRange;
import org.foliofleet.protocol.message.NamespaceCommand;
import org.foliofleet.protocol.message.ProcessCommand;
import org.foliofleet.protocol.message.Pte;
import org.foliofleet.protocol.message.TaskContext;
import org.foliofleet.protocol.program.Backing;
import org.foliofleet.protocol.program.CallResult;
import org.foliofleet.protocol.program.MapFlag;
import org.foliofleet.protocol.program.MemoryCall;
import org.foliofleet.protocol.program.Protection;

/**
 * Prints how many bytes a VMA takes that maps one 512-page folio by PTEs (at most 300): the growth of the used heap
 * between two full collections, over the VMAs mapped in between.
 *
 * <p>Arguments: number of VMAs (200,000), number of processes (4).
 */
public final class VmaFootprint {
    private static final int FOLIO_PAGES = 512;
    private static final String FILE = "folio";

    private VmaFootprint() {}

    public static void main(String[] arguments) {
        int vmas = arguments.length > 0 ? Integer.parseInt(arguments[0]) : 200_000;
        int processes = arguments.length > 1 ? Integer.parseInt(arguments[1]) : 4;
        System.out.println(String.format(Locale.ROOT, "%d VMAs of %d processes: %.1f bytes a VMA", vmas, processes,
                bytesPerVma(vmas, processes)));
    }

    static double bytesPerVma(int vmas, int processes) {
        KernelSettings settings = new KernelSettings().with("shmem", "always").with("max_map_count", Integer.toString(vmas + 1));
        Machine machine = new Machine(Topology.oneNode(1 << 16), settings);
        machine.request(new NamespaceId(), new NamespaceCommand.CreateFile(FILE, true, FOLIO_PAGES));
        ProcessId[] ids = new ProcessId[processes];
        for (int i = 0; i < processes; i++) {
            ids[i] = machine.request(new NamespaceId(), new NamespaceCommand.AllocateProcess("p" + i));
            machine.request(ids[i], new ProcessCommand.Begin(null, TaskContext.onNode(0)));
        }
        // The folio comes with a first mapping whose 2 MiB are aligned.
        map(machine, ids[0], Workbench.BASE);
        for (ProcessId id : ids) {
            mapByPtes(machine, id, 1);
        }
        long before = usedAfterCollection();
        for (int i = 0; i < vmas; i++) {
            mapByPtes(machine, ids[i % processes], 2 + i / processes);
        }
        long after = usedAfterCollection();
        check(machine);
        return (after - before) / (double) vmas;
    }

    /** Maps the file where the 2 MiB of the folio are not aligned. */
    private static void mapByPtes(Machine machine, ProcessId process, long number) {
        map(machine, process, Workbench.BASE + number * 2 * FOLIO_PAGES + 1);
    }

    /** Maps the file and reads all of it. */
    private static void map(Machine machine, ProcessId process, long start) {
        PageRange range = new PageRange(start, FOLIO_PAGES);
        call(machine, process, new MemoryCall.Mmap(range, Protection.READ_WRITE, true, new Backing.File(FILE, 0), EnumSet.noneOf(MapFlag.class)));
        call(machine, process, new MemoryCall.Read(range));
    }

    private static void call(Machine machine, ProcessId process, MemoryCall call) {
        CallResult result = machine.request(process, new ProcessCommand.Execute(call));
        if (result instanceof CallResult.Failed) {
            throw new IllegalStateException(call + ": " + result);
        }
    }

    private static void check(Machine machine) {
        for (Owner owner : machine.owners()) {
            if (owner instanceof Vma vma && vma.info().start() % FOLIO_PAGES != 0) {
                Pte entry = vma.pages().get(vma.info().start());
                if (vma.pages().size() != FOLIO_PAGES || vma.pages().runs() != 1 || entry.order() != PageOrder.PMD || entry.isPmd()) {
                    throw new IllegalStateException(vma.id() + " does not map a folio of 512 pages by PTEs, but " + vma.pages());
                }
            }
        }
    }

    private static long usedAfterCollection() {
        Runtime runtime = Runtime.getRuntime();
        for (int i = 0; i < 4; i++) {
            System.gc();
        }
        return runtime.totalMemory() - runtime.freeMemory();
    }
}
