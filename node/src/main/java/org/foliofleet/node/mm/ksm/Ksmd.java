package org.foliofleet.node.mm.ksm;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;
import org.foliofleet.node.mm.flow.Handlers;
import org.foliofleet.node.mm.flow.Owner;
import org.foliofleet.node.mm.flow.Turn;
import org.foliofleet.protocol.id.OwnerId.AnonVmaRootId;
import org.foliofleet.protocol.id.OwnerId.KsmdId;
import org.foliofleet.protocol.message.Command;
import org.foliofleet.protocol.message.Ksm;
import org.foliofleet.protocol.message.Ksm.Content;
import org.foliofleet.protocol.message.Relocate;

/** ksmd with its two trees (R12.2): of pages that are merged, and of pages that were met in the scan that is under way. With
 * {@code merge_across_nodes} 0 each node of the machine has two of its own; otherwise all pages are in those of node 0. */
public final class Ksmd extends Owner {
    /** Lock: {@code ksm_thread_mutex}. */
    static final String THREAD_MUTEX = "ksm_thread_mutex";

    private static final Handlers<Ksmd> HANDLERS = new Handlers<Ksmd>()
            .atomic(Ksm.Enter.class, KsmSlots::enter)
            .atomic(Ksm.Leave.class, KsmSlots::leave)
            .flow(Ksm.Scan.class, KsmScan::scan)
            .flow(Ksm.ScanRest.class, KsmScan::rest)
            .atomic(Ksm.StartDaemon.class, Daemon::start)
            .flow(Ksm.Wake.class, Daemon::wake)
            .atomic(Ksm.Migrated.class, KsmTrees::migrated)
            .atomic(Ksm.Rearrange.class, MigratedPages::rearrange)
            .atomic(Relocate.MoveItems.class, ItemMoving::move)
            .atomic(Ksm.Mappers.class, Ksmd::mappers);

    /** By number, which is never used again. */
    final TreeMap<Long, Slot> slots = new TreeMap<>();
    /** {@code ksm_mm_head}: the slots in the order in which they are scanned. */
    final List<Long> order = new ArrayList<>();
    final TreeMap<ItemKey, RmapItem> items = new TreeMap<>();
    final TreeMap<Long, StableNode> nodes = new TreeMap<>();
    /** Nodes with the same content, in the order in which they are tried. */
    final TreeMap<Long, List<Long>> chains = new TreeMap<>();
    final TreeMap<Long, Content> chainContents = new TreeMap<>();
    /** {@code root_stable_tree}: by node of the machine and content, a node, or with a minus a chain. */
    final TreeMap<Integer, ContentTree<Long>> stable = new TreeMap<>();
    /** {@code root_unstable_tree}. */
    final TreeMap<Integer, ContentTree<ItemKey>> unstable = new TreeMap<>();
    /** Nodes that were found alive in the scan that is under way. */
    final TreeSet<Long> verified = new TreeSet<>();
    /** A folio was split in this scan: pages of the unstable tree may not be there any more. */
    boolean unsure;
    /** The slot that is scanned, or 0. */
    long cursor;
    /** Where the daemon goes on there when it wakes, and whether a mergeable VMA was before. */
    long address;
    boolean seen;
    /** The daemon is awake, or sleeps until its next scan. */
    boolean running;
    long lastSlot;
    /** The latest number of a node or chain. */
    long lastNode;

    public Ksmd() {
        super(new KsmdId());
    }

    /** To read in only; there may be nothing in it yet. */
    ContentTree<Long> stableTree(int nid) {
        ContentTree<Long> tree = stable.get(nid);
        return tree == null ? new ContentTree<>() : tree;
    }

    /** To read in only. */
    ContentTree<ItemKey> unstableTree(int nid) {
        ContentTree<ItemKey> tree = unstable.get(nid);
        return tree == null ? new ContentTree<>() : tree;
    }

    public static Handlers<Ksmd> handlers() {
        return HANDLERS;
    }

    @Override
    protected Object handle(Command<?> command, Turn turn) {
        return HANDLERS.handle(this, command, turn);
    }

    @Override
    protected void apply(Object event) {
        ((KsmEvent) event).applyTo(this);
    }

    private static List<Ksm.Mapper> mappers(Ksmd ksmd, Ksm.Mappers request, Turn turn) {
        StableNode node = ksmd.nodes.get(request.node());
        List<Ksm.Mapper> mappers = new ArrayList<>();
        if (node != null) {
            for (ItemKey key : node.items()) {
                mappers.add(new Ksm.Mapper(ksmd.slots.get(key.slot()).process(), key.page(), ksmd.items.get(key).root()));
            }
        }
        return List.copyOf(mappers);
    }

    /** Whether the walk from a stable node comes to that page of that process. */
    public boolean finds(long node, int process, long page, AnonVmaRootId root) {
        StableNode found = nodes.get(node);
        return found != null && found.items().stream().anyMatch(key -> key.page() == page && root.equals(items.get(key).root())
                && slots.get(key.slot()).process() == process);
    }

    /** The files of {@code /sys/kernel/mm/ksm} that count. */
    public Map<String, Long> statistics() {
        long shared = 0;
        long sharing = 0;
        for (StableNode node : nodes.values()) {
            shared += node.items().isEmpty() ? 0 : 1;
            sharing += Math.max(0, node.items().size() - 1);
        }
        long unshared = items.values().stream().filter(RmapItem::unstable).count();
        Map<String, Long> all = new TreeMap<>();
        all.put("pages_shared", shared);
        all.put("pages_sharing", sharing);
        all.put("pages_unshared", unshared);
        all.put("pages_volatile", Math.max(0, items.size() - shared - sharing - unshared));
        all.put("stable_node_chains", (long) chains.size());
        all.put("stable_node_dups", chains.values().stream().mapToLong(List::size).sum());
        return all;
    }
}
