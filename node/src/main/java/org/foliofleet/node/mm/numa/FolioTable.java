package org.foliofleet.node.mm.numa;

import org.foliofleet.node.mm.collection.RunCursor;
import org.foliofleet.node.mm.collection.RunMap;
import org.foliofleet.node.mm.collection.RunTransform;
import org.foliofleet.node.mm.collection.RunVisitor;
import org.foliofleet.protocol.message.FrameRuns;

/** The folios of a node by frame, and, once memory has been short, their order by age. */
public final class FolioTable {
    private final RunMap<Folio> folios = new RunMap<>();
    /** Null until memory is short for the first time. */
    private LruLists lists;

    /** The folios by frame; a run of n pages is n >> order folios alike. For reading. */
    RunMap<Folio> runs() {
        return folios;
    }

    /** The lists by age, or null while nobody needed them. */
    LruLists lists() {
        return lists;
    }

    /** From now on the order of folios is kept. */
    void keepLists() {
        if (lists == null) {
            lists = new LruLists();
            lists.changed(folios, Long.MIN_VALUE, Long.MAX_VALUE);
        }
    }

    Folio get(long frame) {
        return folios.get(frame);
    }

    boolean find(long frame, RunCursor<Folio> cursor) {
        return folios.find(frame, cursor);
    }

    long runEnd(long frame) {
        return folios.runEnd(frame);
    }

    void forEach(RunVisitor<? super Folio> visitor) {
        folios.forEach(visitor);
    }

    void forEach(long start, long end, RunVisitor<? super Folio> visitor) {
        folios.forEach(start, end, visitor);
    }

    void forEachWithGaps(long start, long end, RunVisitor<? super Folio> visitor) {
        folios.forEachWithGaps(start, end, visitor);
    }

    void set(long start, long count, Folio folio) {
        folios.set(start, count, folio);
        if (lists != null) {
            lists.changed(folios, start, start + count);
        }
    }

    void set(long start, long count, Folio folio, RunCursor<Folio> cursor) {
        folios.set(start, count, folio, cursor);
        if (lists != null) {
            lists.changed(folios, start, start + count);
        }
    }

    void clear(long start, long count) {
        folios.clear(start, count);
        if (lists != null) {
            lists.changed(folios, start, start + count);
        }
    }

    void transform(long start, long end, RunTransform<Folio> change) {
        folios.transform(start, end, change);
        if (lists != null) {
            lists.changed(folios, start, end);
        }
    }

    /** Folios on the lists become the oldest. */
    void rotate(FrameRuns frames) {
        if (lists != null) {
            lists.rotate(frames);
        }
    }
}
