package org.foliofleet.node.journal;

import java.util.Collection;
import java.util.Set;
import org.foliofleet.protocol.message.FrameRuns;
import org.foliofleet.protocol.message.PageRuns;
import org.foliofleet.protocol.message.Pte;

/** Which page frames an event names: in runs, in entries of page tables, or as a first frame and a count. */
final class FrameMentions {
    private static final Set<String> FIRST_FRAMES = Set.of("frame", "head");

    private FrameMentions() {}

    static boolean has(Object value, long frame) {
        if (value instanceof PageRuns runs) {
            return has(runs, frame);
        }
        if (value instanceof FrameRuns runs) {
            for (int i = 0; i < runs.size(); i++) {
                if (frame >= runs.start(i) && frame < runs.start(i) + runs.count(i)) {
                    return true;
                }
            }
            return false;
        }
        if (value instanceof Collection<?> all) {
            return all.stream().anyMatch(element -> has(element, frame));
        }
        return value instanceof Record record && has(record, frame);
    }

    private static boolean has(PageRuns runs, long frame) {
        for (int i = 0; i < runs.size(); i++) {
            if (has(runs.entry(i), runs.start(i), runs.count(i), frame)) {
                return true;
            }
        }
        return false;
    }

    private static boolean has(Pte entry, long page, long count, long frame) {
        boolean names = entry.state() == Pte.State.PRESENT || entry.state() == Pte.State.MIGRATION;
        return names && frame >= entry.frame(page) && frame < entry.frame(page) + count;
    }

    private static boolean has(Record record, long frame) {
        Long first = null;
        long count = 1;
        Long page = null;
        Pte entry = null;
        for (RecordParts.Part part : RecordParts.of(record)) {
            Object value = part.value();
            if (value instanceof Long number && FIRST_FRAMES.contains(part.name())) {
                first = number;
            } else if (value instanceof Long number && (part.name().equals("pages") || part.name().equals("count"))) {
                count = number;
            } else if (value instanceof Long number && part.name().equals("start")) {
                page = number;
            } else if (value instanceof Pte pte) {
                entry = pte;
            } else if (!part.name().equals("slots") && has(value, frame)) {
                return true;
            }
        }
        return first != null && frame >= first && frame < first + count || page != null && entry != null && has(entry, page, count, frame);
    }
}
