package org.foliofleet.node.mm.numa;

import org.foliofleet.node.mm.flow.Turn;
import org.foliofleet.protocol.id.Frame;
import org.foliofleet.protocol.message.Device.Allocate;
import org.foliofleet.protocol.message.Device.Release;
import org.foliofleet.protocol.message.FrameRuns;

/** {@code alloc_pages()} and {@code __free_pages()} of drivers: one reference a folio, neither LRU nor mapping (R14.4). */
final class DriverFolios {
    private DriverFolios() {}

    static FrameRuns allocate(NumaNode node, Allocate request, Turn turn) {
        turn.emit(new Allocated(request));
        return node.granted();
    }

    static Void release(NumaNode node, Release request, Turn turn) {
        turn.emit(new FolioEvents.Put(request.frames(), 0));
        return null;
    }

    /** A driver has memory of this node. */
    record Allocated(Allocate request) implements NodeEvent, FolioBirth {
        @Override
        public void births(NumaNode node, Sink sink) {
            FrameRuns granted = node.granted();
            for (int i = 0; i < granted.size(); i++) {
                sink.born(granted.start(i), granted.count(i), request.order());
            }
        }

        @Override
        public void applyTo(NumaNode node) {
            int order = request.order();
            Folio fresh = new Folio(order, Folio.DRIVER, 0, PageCounts.uniform(1 << order, 0), 0, 1, MmIds.NONE, 0, 0, 0, 0);
            FrameRuns.Builder runs = new FrameRuns.Builder();
            node.frames.allocate(order, request.pages() >> order, (start, blocks) -> {
                node.tally.allocated(order, blocks);
                node.folios.set(Frame.of(node.number(), start), blocks << order, fresh);
                runs.add(Frame.of(node.number(), start), blocks << order);
            });
            node.granted(runs.build());
        }
    }
}
