package org.foliofleet.node.mm.cache;

import java.util.ArrayList;
import java.util.List;
import org.foliofleet.node.mm.flow.Turn;
import org.foliofleet.protocol.id.Frame;
import org.foliofleet.protocol.id.OwnerId.NumaNodeId;
import org.foliofleet.protocol.id.PageOrder;
import org.foliofleet.protocol.message.AddressSpaceCommand.Mapped;
import org.foliofleet.protocol.message.Device.Allocate;
import org.foliofleet.protocol.message.Device.Begin;
import org.foliofleet.protocol.message.Device.Describe;
import org.foliofleet.protocol.message.Device.Description;
import org.foliofleet.protocol.message.Device.End;
import org.foliofleet.protocol.message.Device.Insert;
import org.foliofleet.protocol.message.Device.Release;
import org.foliofleet.protocol.message.FrameRuns;
import org.foliofleet.protocol.message.NumaNodeCommand;
import org.foliofleet.protocol.message.PageRuns;
import org.foliofleet.protocol.message.Pte;
import org.foliofleet.protocol.message.VmaCommand.FaultError;
import org.foliofleet.protocol.message.VmaFlags;
import org.foliofleet.protocol.message.VmaInfo;
import org.foliofleet.protocol.policy.MappingPolicies.InsertPageRmap;
import org.foliofleet.protocol.program.DeviceKind;

/** A driver: allocates memory, and maps it into the VMAs of its device (R14.1 to R14.6). */
final class DevicePages {
    private DevicePages() {}

    static Boolean begin(AddressSpace device, Begin begin, Turn turn) {
        long wanted = PageOrder.alignUp(begin.pages(), begin.order());
        List<Integer> zonelist = turn.context().topology().zonelist(begin.node());
        FrameRuns.Builder all = new FrameRuns.Builder();
        List<FrameRuns> parts = new ArrayList<>();
        for (int node : zonelist) {
            FrameRuns part = turn.ask(new NumaNodeId(node), new Allocate(begin.order(), wanted));
            for (int i = 0; i < part.size(); i++) {
                all.add(part.start(i), part.count(i));
            }
            parts.add(part);
            wanted -= part.frames();
            if (wanted == 0) {
                break;
            }
        }
        boolean complete = wanted == 0;
        turn.run(() -> {
            FrameRuns frames = complete ? all.build() : FrameRuns.NONE;
            turn.emit(new CacheEvents.DeviceBegan(begin.name(), complete ? begin.pages() : 0, new DeviceMemory(begin.kind(), begin.order(), frames)));
            if (!complete) {
                parts.forEach(part -> release(part, turn));
            }
        });
        return complete;
    }

    /** Gives up the driver's references. Within a step. */
    private static void release(FrameRuns frames, Turn turn) {
        for (int i = 0; i < frames.size(); i++) {
            turn.send(new NumaNodeId(Frame.node(frames.start(i))), new Release(FrameRuns.of(frames.start(i), frames.count(i))));
        }
    }

    /** Nothing of bare mappings keeps the memory alive: that it is freed under them is the driver's fault, and counted (R14.2). */
    static Void end(AddressSpace device, End end, Turn turn) {
        DeviceMemory memory = device.device;
        if (memory.frames().isEmpty()) {
            return null;
        }
        if (memory.kind().isBare() && !device.mappers.isEmpty()) {
            turn.send(new NumaNodeId(0), new NumaNodeCommand.Count("device_freed_while_mapped", -1, 1));
        }
        turn.emit(new CacheEvents.DeviceBegan(device.name, 0, new DeviceMemory(memory.kind(), memory.order(), FrameRuns.NONE)));
        release(memory.frames(), turn);
        return null;
    }

    static Description describe(AddressSpace device, Describe describe, Turn turn) {
        return new Description(device.device.kind(), device.size);
    }

    /** {@code insert_pfn()} or {@code insert_page_into_pte_locked()} for each page. */
    static Mapped insert(AddressSpace device, Insert insert, Turn turn) {
        VmaInfo vma = insert.vma();
        PageRuns.Builder builder = PageRuns.builder();
        for (int i = 0; i < insert.empty().size(); i++) {
            long page = insert.empty().start(i);
            long end = page + insert.empty().count(i);
            long present = Math.min(end, page + device.size - vma.pageOffsetOf(page));
            while (page < present) {
                long index = vma.pageOffsetOf(page);
                long count = device.device.alike(index, present - page);
                builder.add(page, count, Pte.present(page, device.device.frame(index), device.device.order(), flags(device.device.kind(), insert, turn)));
                page += count;
            }
            if (page < end) {
                break;
            }
        }
        PageRuns entries = builder.build();
        if (entries.isEmpty()) {
            return new Mapped(FaultError.SIGBUS, entries, 0);
        }
        if (!device.device.kind().isBare()) {
            for (PageRuns runs : CacheMessages.byNode(entries)) {
                turn.send(CacheMessages.nodeOf(runs), new NumaNodeCommand.MapCache(vma.id().process(), runs, false, false));
            }
        }
        return new Mapped(null, entries, entries.pages());
    }

    /** {@code vm_page_prot}: private memory is mapped so that a write copies it. */
    private static int flags(DeviceKind kind, Insert insert, Turn turn) {
        int flags = Pte.YOUNG;
        if (insert.vma().has(VmaFlags.SHARED) && insert.vma().has(VmaFlags.WRITE)) {
            flags |= Pte.WRITE;
        }
        if (kind.isBare()) {
            return flags | Pte.SPECIAL;
        }
        return turn.context().settings().policies().mapping().insertPageRmap() == InsertPageRmap.EXPLICIT_NO_RMAP_NO_RSS ? flags | Pte.NO_RSS : flags;
    }
}
