package org.foliofleet.node.mm.ksm;

import org.foliofleet.node.mm.flow.Turn;
import org.foliofleet.protocol.id.OwnerId.ProcessId;
import org.foliofleet.protocol.message.Ksm;
import org.foliofleet.protocol.message.Ksm.Content;
import org.foliofleet.protocol.message.Ksm.Found;
import org.foliofleet.protocol.message.Ksm.PageRun;
import org.foliofleet.protocol.message.Ksm.Scan;
import org.foliofleet.protocol.message.Ksm.ScanRest;

/** {@code ksm_do_scan()}, {@code scan_get_next_rmap_item()} (R12.2): process after process, page after page. */
final class KsmScan {
    private static final long END = Long.MAX_VALUE;

    /** Where a scan goes on: the slot with its process, or 0 at its end. */
    private record At(long slot, int process, boolean exiting) {}

    /**
     * What was found in a part of a process.
     *
     * @param candidate to be merged, or null
     * @param next      where the scan goes on
     * @param pages     looked at
     */
    private record Looked(Candidate candidate, long next, long pages) {}

    private KsmScan() {}

    static Void scan(Ksmd ksmd, Scan scan, Turn turn) {
        turn.lock(Ksmd.THREAD_MUTEX, true);
        return turn.continueAs(new ScanRest(scan.scans(), 0, 0, false, Long.MAX_VALUE));
    }

    static Void rest(Ksmd ksmd, ScanRest rest, Turn turn) {
        turn.lock(Ksmd.THREAD_MUTEX, true);
        if (rest.scans() == 0) {
            return null;
        }
        ScanRest moved = rest.slot() == 0 ? null : turn.step(() -> rest.slot() == ksmd.cursor ? null
                : new ScanRest(rest.scans(), ksmd.cursor, ksmd.address, ksmd.seen, rest.pages()));
        if (moved != null) {
            // while the daemon waited for the mutex another scan went on, and the process may be no more
            return turn.continueAs(moved);
        }
        if (rest.pages() <= 0) {
            turn.run(() -> turn.emit(new Daemon.Paused(rest.from(), rest.seen())));
            return null;
        }
        if (rest.slot() == 0) {
            MigratedPages.dropDead(ksmd, turn);
        }
        At at = turn.step(() -> rest.slot() == 0 ? begin(ksmd, turn) : at(ksmd, rest.slot()));
        if (at.slot() == 0) {
            return null;
        }
        Found found = at.exiting() ? null : turn.ask(new ProcessId(at.process()), new Ksm.NextPages(rest.from(), rest.seen()));
        if (found == null || found.next() < 0) {
            long next = turn.step(() -> ended(ksmd, at.slot(), rest.from(), found != null && (rest.seen() || found.mergeable()), turn));
            if (next == 0) {
                KsmMerging.dropDead(ksmd, turn);
            }
            return turn.continueAs(new ScanRest(next == 0 ? rest.scans() - 1 : rest.scans(), next, 0, false, rest.pages()));
        }
        Looked looked = turn.step(() -> look(ksmd, at.slot(), rest.from(), found, rest.pages(), turn));
        if (looked.candidate() != null) {
            KsmMerging.merge(ksmd, looked.candidate(), turn);
        }
        return turn.continueAs(new ScanRest(rest.scans(), at.slot(), looked.next(), true, rest.pages() - looked.pages()));
    }

    private static At begin(Ksmd ksmd, Turn turn) {
        if (ksmd.order.isEmpty()) {
            return new At(0, 0, false);
        }
        turn.emit(new ScanBegan());
        return at(ksmd, ksmd.cursor);
    }

    private static At at(Ksmd ksmd, long slot) {
        Slot of = ksmd.slots.get(slot);
        return new At(slot, of.process(), of.exiting());
    }

    /**
     * A process has no more pages: what is known of others at the end of its memory, or of all of an exiting one, is
     * forgotten; and the process too if it has no mergeable VMA.
     *
     * @return the next slot, or 0
     */
    private static long ended(Ksmd ksmd, long slot, long from, boolean stays, Turn turn) {
        KsmTrees.forget(ksmd, slot, stays ? from : 0, END, turn);
        int place = ksmd.order.indexOf(slot) + 1;
        long next = place < ksmd.order.size() ? ksmd.order.get(place) : 0;
        turn.emit(new CursorMoved(next));
        if (!stays) {
            turn.emit(new KsmSlots.Dropped(slot));
        }
        return next;
    }

    /** Takes note of pages up to the first that may be merged, and of no more than so many. */
    private static Looked look(Ksmd ksmd, long slot, long from, Found found, long most, Turn turn) {
        long next = from;
        long pages = 0;
        for (PageRun run : found.pages()) {
            for (long i = 0; i < run.count(); i++) {
                if (pages == most) {
                    return new Looked(null, next, pages);
                }
                PageRun page = run.at(i);
                pages++;
                KsmTrees.forget(ksmd, slot, next, page.page(), turn);
                next = page.page() + 1;
                Candidate candidate = look(ksmd, new ItemKey(slot, page.page()), page, found, turn);
                if (candidate != null) {
                    return new Looked(candidate, next, pages);
                }
            }
        }
        KsmTrees.forget(ksmd, slot, next, found.next(), turn);
        return new Looked(null, found.next(), pages);
    }

    /** The first part of {@code cmp_and_merge_page()}. */
    private static Candidate look(Ksmd ksmd, ItemKey key, PageRun page, Found found, Turn turn) {
        if (isSkipped(ksmd, key, page, turn)) {
            return null;
        }
        RmapItem item = KsmTrees.item(ksmd, key);
        if (ksmd.nodes.containsKey(page.node())) {
            MigratedPages.noteNode(ksmd, page.node(), turn);
            if (ksmd.nodes.get(page.node()).isMigrated()) {
                return new Candidate(key, page, ksmd.slots.get(key.slot()).process(), found.root(), false);
            }
            if (item.node() != page.node()) {
                // a KSM page that fork has mapped
                KsmTrees.removeFromTree(ksmd, key, turn);
                KsmTrees.append(ksmd, key, page.node(), found.root(), turn);
            }
            return null;
        }
        KsmTrees.removeFromTree(ksmd, key, turn);
        Content content = page.content();
        if (!content.equals(item.checksum())) {
            KsmTrees.put(key, KsmTrees.item(ksmd, key).withChecksum(content), turn);
            return null;
        }
        boolean zero = content.tag() == 0 && turn.context().settings().ksmUseZeroPages();
        int nid = KsmTrees.nid(page.frame(), turn);
        boolean known = !zero && !ksmd.unsure && KsmTrees.unknownOnPath(ksmd, nid, content).isEmpty();
        if (known && KsmTrees.search(ksmd, nid, content, turn.context().settings().ksmMaxPageSharing(), turn) == 0
                && KsmTrees.searchUnstable(ksmd, key, nid, content, turn) == null) {
            return null;
        }
        return new Candidate(key, page, ksmd.slots.get(key.slot()).process(), found.root(), zero);
    }

    /** {@code should_skip_rmap_item()}: pages that could not be merged are tried less often. */
    private static boolean isSkipped(Ksmd ksmd, ItemKey key, PageRun page, Turn turn) {
        RmapItem item = KsmTrees.item(ksmd, key);
        if (!ksmd.items.containsKey(key)) {
            KsmTrees.put(key, item, turn);
        }
        if (!turn.context().settings().ksmSmartScan() || page.node() != 0) {
            return false;
        }
        int age = item.age();
        KsmTrees.put(key, item.older(), turn);
        if (age < 3) {
            return false;
        }
        if (item.skips() == 0) {
            KsmTrees.put(key, item.older().withSkips(age <= 3 ? 1 : age <= 5 ? 2 : age <= 8 ? 4 : 8), turn);
            return false;
        }
        KsmTrees.put(key, item.older().withSkips(item.skips() - 1), turn);
        KsmTrees.removeFromTree(ksmd, key, turn);
        return true;
    }

    /** A full scan begins: the unstable tree is empty. */
    private record ScanBegan() implements KsmEvent {
        @Override
        public void applyTo(Ksmd ksmd) {
            ksmd.unstable.clear();
            ksmd.verified.clear();
            ksmd.unsure = false;
            ksmd.cursor = ksmd.order.get(0);
            ksmd.address = 0;
            ksmd.seen = false;
        }
    }

    /** Another process is scanned, or with 0 none. */
    private record CursorMoved(long slot) implements KsmEvent {
        @Override
        public void applyTo(Ksmd ksmd) {
            ksmd.cursor = slot;
            ksmd.address = 0;
            ksmd.seen = false;
        }
    }
}
