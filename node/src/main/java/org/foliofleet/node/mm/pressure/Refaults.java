package org.foliofleet.node.mm.pressure;

import java.util.ArrayList;
import java.util.List;
import org.foliofleet.node.mm.flow.Turn;
import org.foliofleet.protocol.id.Frame;
import org.foliofleet.protocol.id.OwnerId.NumaNodeId;
import org.foliofleet.protocol.message.FolioCommand.Refaulted;
import org.foliofleet.protocol.message.FrameRuns;
import org.foliofleet.protocol.message.Shadow;

/** Pages that were reclaimed are back in memory: their node is told. */
public final class Refaults {
    private Refaults() {}

    /**
     * Tells it. Within a step.
     *
     * @param frames  of one node, which have the pages from {@code at} on
     * @param shadows of these pages and perhaps others
     */
    public static void tell(FrameRuns frames, long at, List<Shadow> shadows, Turn turn) {
        if (shadows.isEmpty() || frames.isEmpty()) {
            return;
        }
        long end = at + frames.frames();
        List<Shadow> theirs = new ArrayList<>();
        for (Shadow shadow : shadows) {
            if (shadow.at() < end && shadow.at() + shadow.count() > at) {
                theirs.add(shadow.within(at, end));
            }
        }
        send(frames, at, theirs, turn);
    }

    /** The same of frames that have pages in several runs; there may be fewer frames. */
    public static void tellEach(FrameRuns frames, FrameRuns pages, List<Shadow> shadows, Turn turn) {
        if (shadows.isEmpty()) {
            return;
        }
        long skipped = 0;
        for (int i = 0; i < pages.size(); i++) {
            FrameRuns.Builder part = new FrameRuns.Builder();
            long first = 0;
            for (int j = 0; j < frames.size(); j++) {
                long from = Math.max(first, skipped);
                long to = Math.min(first + frames.count(j), skipped + pages.count(i));
                if (from < to) {
                    part.add(frames.start(j) + from - first, to - from);
                }
                first += frames.count(j);
            }
            tell(part.build(), pages.start(i), shadows, turn);
            skipped += pages.count(i);
        }
    }

    private static void send(FrameRuns frames, long at, List<Shadow> theirs, Turn turn) {
        if (!theirs.isEmpty()) {
            turn.send(new NumaNodeId(Frame.node(frames.start(0))), new Refaulted(frames, at, List.copyOf(theirs)));
        }
    }
}
