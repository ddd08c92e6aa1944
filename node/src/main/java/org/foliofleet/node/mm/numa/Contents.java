package org.foliofleet.node.mm.numa;

import java.util.ArrayList;
import java.util.List;
import org.foliofleet.node.mm.flow.Turn;
import org.foliofleet.protocol.message.ContentRuns;
import org.foliofleet.protocol.message.NumaNodeCommand.ReadContents;
import org.foliofleet.protocol.message.NumaNodeCommand.StoreContents;
import org.foliofleet.protocol.message.PageRuns;

/** What pages hold. */
final class Contents {
    private Contents() {}

    static Void store(NumaNode node, StoreContents store, Turn turn) {
        turn.emit(new ContentsStored(store));
        return null;
    }

    /** Pages were written through the entries that map them. */
    private record ContentsStored(StoreContents store) implements NodeEvent {
        @Override
        public void applyTo(NumaNode node) {
            PageRuns runs = store.runs();
            for (int i = 0; i < runs.size(); i++) {
                long frame = runs.entry(i).frame(runs.start(i));
                LostData.stored(node, frame, runs.count(i));
                Contents.store(node, frame, runs.count(i), store.tag(), store.same() ? Content.NO_SOURCE : runs.start(i) - frame);
            }
        }
    }

    /** Frames hold that content now. For events. */
    static void store(NumaNode node, long frame, long count, long tag, long source) {
        if (tag == 0) {
            node.contents.clear(frame, count);
        } else {
            node.contents.set(frame, count, new Content(tag, source));
        }
    }

    static ContentRuns read(NumaNode node, ReadContents read, Turn turn) {
        return of(node, read.runs());
    }

    /** Contents of the pages that the entries map, in order. */
    static ContentRuns of(NumaNode node, PageRuns runs) {
        List<ContentRuns.Run> contents = new ArrayList<>();
        for (int i = 0; i < runs.size(); i++) {
            long frame = runs.entry(i).frame(runs.start(i));
            node.contents.forEachWithGaps(frame, frame + runs.count(i), (start, count, content) -> contents.add(content == null
                    ? new ContentRuns.Run(count, 0, -1)
                    : new ContentRuns.Run(count, content.tag(), content.sourceOf(start))));
        }
        return new ContentRuns(contents);
    }
}
