package org.foliofleet.node.mm.cache;

import java.util.ArrayList;
import java.util.List;
import org.foliofleet.node.mm.flow.Turn;
import org.foliofleet.protocol.id.OwnerId.NumaNodeId;
import org.foliofleet.protocol.message.FolioCommand;
import org.foliofleet.protocol.message.FrameRuns;
import org.foliofleet.protocol.message.PageRuns;
import org.foliofleet.protocol.message.Shadow;

/** What page caches remember of folios that are reclaimed: {@code __filemap_remove_folio()} with a shadow. */
final class CacheEviction {
    private CacheEviction() {}

    /** What is to be remembered of folios that leave the cache, by frame; nothing where refaults are not told. */
    static List<Shadow> evicted(NumaNodeId node, FrameRuns frames, Turn turn) {
        return turn.step(() -> turn.context().settings().workingset()) ? turn.ask(node, new FolioCommand.Evict(frames)) : List.of();
    }

    static List<Shadow> byFilePage(PageRuns pages, Shadow shadow) {
        List<Shadow> found = new ArrayList<>();
        for (int i = 0; i < pages.size(); i++) {
            long frame = pages.entry(i).frame(pages.start(i));
            long end = frame + pages.count(i);
            if (shadow.at() < end && shadow.at() + shadow.count() > frame) {
                Shadow part = shadow.within(frame, end);
                found.add(part.movedTo(pages.start(i) + part.at() - frame));
            }
        }
        return List.copyOf(found);
    }
}
