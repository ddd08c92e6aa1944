package org.foliofleet.node.mm.numa;

import org.foliofleet.node.mm.collection.RunCursor;
import org.foliofleet.node.mm.collection.RunMap;
import org.foliofleet.node.mm.collection.RunTransform;
import org.foliofleet.node.mm.collection.RunVisitor;
import org.foliofleet.protocol.message.FrameRuns;
import org.foliofleet.protocol.message.Memcg;

/** The folios of a node by frame, what they are charged to, and, once memory has been short, their order by age. */
public final class FolioTable {
    private final RunMap<Folio> folios = new RunMap<>();
    /** Null until memory is short for the first time. */
    private LruLists lists;
    /** Null until a folio is charged to a cgroup for the first time. */
    private CgroupCharges charges;

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

    /** Pages that are charged to the cgroup. */
    long charged(int cgroup) {
        return charges == null ? 0 : charges.charged(cgroup);
    }

    /** Pages that may be charged to the cgroup beyond those that are; {@code Long.MAX_VALUE} if it has no limit. */
    long chargeable(int cgroup) {
        return charges == null ? Long.MAX_VALUE : charges.chargeable(cgroup);
    }

    /** From now on so many pages may be charged to the cgroup, some of which are promised until a tick. */
    void allow(int cgroup, long pages, long promised, long until) {
        if (charges == null) {
            charges = new CgroupCharges();
        }
        charges.allow(cgroup, pages, promised, until);
    }

    long promised(int cgroup) {
        return charges == null ? 0 : charges.promised(cgroup);
    }

    long promisedUntil(int cgroup) {
        return charges == null ? 0 : charges.promisedUntil(cgroup);
    }

    /** Folios that are charged go to another node ({@code pages} negative), or come from there. */
    void moveCharge(int cgroup, long pages) {
        if (charges != null) {
            charges.move(cgroup, pages);
        }
    }

    /** The highest number of a cgroup that ever had a charge, or 0. */
    int highestCgroup() {
        return charges == null ? 0 : charges.highest();
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
        boolean counts = countsCharges(folio);
        if (counts) {
            charges.count(folios, start, start + count, -1);
        }
        folios.set(start, count, folio);
        if (counts) {
            charges.count(folios, start, start + count, 1);
        }
        if (lists != null) {
            lists.changed(folios, start, start + count);
        }
    }

    void set(long start, long count, Folio folio, RunCursor<Folio> cursor) {
        boolean counts = countsCharges(folio);
        if (counts) {
            charges.count(folios, start, start + count, -1);
        }
        folios.set(start, count, folio, cursor);
        if (counts) {
            charges.count(folios, start, start + count, 1);
        }
        if (lists != null) {
            lists.changed(folios, start, start + count);
        }
    }

    private boolean countsCharges(Folio folio) {
        if (charges == null && folio.cgroup() != Memcg.ROOT) {
            charges = new CgroupCharges();
        }
        return charges != null;
    }

    void clear(long start, long count) {
        if (charges != null) {
            charges.count(folios, start, start + count, -1);
        }
        folios.clear(start, count);
        if (lists != null) {
            lists.changed(folios, start, start + count);
        }
    }

    /** The change leaves alone what folios are charged to. */
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
