package org.foliofleet.node.mm.numa;

import java.util.ArrayList;
import java.util.List;
import org.foliofleet.node.mm.flow.Turn;
import org.foliofleet.protocol.message.FrameRuns;
import org.foliofleet.protocol.message.Migration.CanHint;
import org.foliofleet.protocol.message.Migration.Group;
import org.foliofleet.protocol.message.Migration.Isolate;
import org.foliofleet.protocol.message.Migration.LookAt;
import org.foliofleet.protocol.message.Migration.Looked;
import org.foliofleet.protocol.message.Migration.PutBack;
import org.foliofleet.protocol.message.Migration.Queued;
import org.foliofleet.protocol.message.PageRuns;
import org.foliofleet.protocol.message.Pte;

/** Folios are taken off their LRU lists to be migrated: {@code migrate_folio_add()}, {@code __add_folio_for_migration()} (R11.5). */
final class MigrationIsolation {
    private MigrationIsolation() {}

    static Queued isolate(NumaNode node, Isolate request, Turn turn) {
        List<Group> groups = new ArrayList<>();
        long[] failed = {0};
        long[] large = {request.large()};
        FolioWalk.over(node, request.runs(), (page, head, folio, from, to, count, entry) -> {
            long first = head;
            long folios = count;
            if (folio.isLarge() && !entry.isPmd()) {
                // its first page takes a large folio off the list; pages of others may lie between its pages
                if (head == large[0]) {
                    first += folio.pages();
                    folios--;
                }
                if (folios == 0) {
                    return;
                }
                large[0] = first + (folios - 1 << folio.order());
            }
            if (!request.all() && SharedUser.MIGRATE.isShared(node, folio, folios, turn)) {
                return;
            }
            if (!folio.has(Folio.LRU)) {
                failed[0] += entry.isPmd() ? folios : FolioWalk.pages(folio, from, to, folios);
                return;
            }
            isolate(first, folio, folios, groups, turn);
        });
        return new Queued(List.copyOf(groups), failed[0], large[0]);
    }

    static void isolate(long head, Folio folio, long count, List<Group> groups, Turn turn) {
        if (!folio.isLarge()) {
            groups.add(new Group(head, count, 0, head + folio.indexDelta()));
        } else {
            for (long i = 0; i < count; i++) {
                groups.add(new Group(head + (i << folio.order()), folio.pages(), folio.order(), head + (i << folio.order()) + folio.indexDelta()));
            }
        }
        turn.emit(new FolioEvents.Got(head, count << folio.order(), Folio.LRU));
    }

    static PageRuns canHint(NumaNode node, CanHint request, Turn turn) {
        PageRuns.Builder chosen = PageRuns.builder();
        FolioWalk.over(node, request.runs(), (page, head, folio, from, to, count, entry) -> {
            boolean chooses = entry.isPmd() || !folio.has(Folio.KSM) && node.number() != request.spared()
                    && !(request.cow() && (folio.isMaybePinned() || SharedUser.NUMA_HINT.isShared(node, folio, count, turn)))
                    && !(!folio.has(Folio.SWAPBACKED) && folio.has(Folio.DIRTY));
            if (chooses) {
                chosen.add(page, FolioWalk.pages(folio, from, to, count), entry);
            }
        });
        return chosen.build();
    }

    static Void putBack(NumaNode node, PutBack request, Turn turn) {
        turn.emit(new Reclaim.PutBack(FrameRuns.of(request.group().frame(), request.group().pages()), false));
        return null;
    }

    static Looked lookAt(NumaNode node, LookAt request, Turn turn) {
        PageRuns run = request.run();
        if (request.node() < 0 || request.node() == node.number()) {
            return new Looked(run.count(0), null, node.number(), null);
        }
        Looked[] first = {null};
        List<Group> groups = new ArrayList<>();
        FolioWalk.over(node, run, (page, head, folio, from, to, count, entry) -> {
            if (first[0] != null) {
                return;
            }
            long pages = FolioWalk.pages(folio, from, to, count);
            if (!request.all() && SharedUser.MIGRATE.isShared(node, folio, 1, turn)) {
                first[0] = new Looked(pages, null, -1, "EACCES");
            } else if (!folio.has(Folio.LRU)) {
                first[0] = new Looked(1, null, -1, "EBUSY");
            } else {
                isolate(head, folio, folio.isLarge() ? 1 : count, groups, turn);
                first[0] = new Looked(folio.isLarge() ? 1 : count, groups.get(0), -1, null);
            }
        });
        return first[0];
    }
}
