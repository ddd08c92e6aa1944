package org.foliofleet.node.mm.numa;

import java.util.ArrayList;
import java.util.List;
import org.foliofleet.protocol.id.Frame;
import org.foliofleet.protocol.id.OwnerId.NumaNodeId;
import org.foliofleet.protocol.message.FrameRuns;
import org.foliofleet.protocol.message.Migration.Group;
import org.foliofleet.protocol.message.Migration.Moved;

/** Parts of the frames that folios migrate to. */
final class MigrationFrames {
    private MigrationFrames() {}

    static NumaNodeId node(long frame) {
        return new NumaNodeId(Frame.node(frame));
    }

    /** So many frames from the {@code from}-th on. */
    static FrameRuns part(FrameRuns frames, long from, long count) {
        FrameRuns.Builder part = new FrameRuns.Builder();
        add(part, frames, from, count);
        return part.build();
    }

    static void add(FrameRuns.Builder part, FrameRuns frames, long from, long count) {
        long before = 0;
        for (int i = 0; i < frames.size(); i++) {
            long start = Math.max(from, before);
            long end = Math.min(from + count, before + frames.count(i));
            if (start < end) {
                part.add(frames.start(i) + start - before, end - start);
            }
            before += frames.count(i);
        }
    }

    /** The frames in parts of one node each. */
    static List<FrameRuns> byNode(FrameRuns frames) {
        List<FrameRuns> parts = new ArrayList<>();
        FrameRuns.Builder part = new FrameRuns.Builder();
        for (int i = 0; i < frames.size(); i++) {
            if (i > 0 && Frame.node(frames.start(i)) != Frame.node(frames.start(i - 1))) {
                parts.add(part.build());
                part = new FrameRuns.Builder();
            }
            part.add(frames.start(i), frames.count(i));
        }
        if (!frames.isEmpty()) {
            parts.add(part.build());
        }
        return parts;
    }

    /** Frames of the group that did not move. */
    static FrameRuns without(Group group, List<Moved> moved) {
        FrameRuns.Builder stayed = new FrameRuns.Builder();
        long at = group.frame();
        for (Moved run : moved) {
            if (run.frame() > at) {
                stayed.add(at, run.frame() - at);
            }
            at = run.frame() + run.pages();
        }
        if (at < group.frame() + group.pages()) {
            stayed.add(at, group.frame() + group.pages() - at);
        }
        return stayed.build();
    }
}
