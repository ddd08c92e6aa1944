package org.foliofleet.node.mm.numa;

import org.foliofleet.node.mm.flow.Turn;
import org.foliofleet.protocol.message.PressureCommand.LruList;
import org.foliofleet.protocol.message.PressureCommand.ScanCounts;

/** {@code get_scan_count()} and {@code prepare_scan_control()}, mm/vmscan.c: how much of which list is scanned (R10.4). */
final class ScanBalance {
    static final int DEACTIVATE_ANON = 1;
    static final int DEACTIVATE_FILE = 2;
    private static final int MAX_SWAPPINESS = 200;
    private static final int GIB_SHIFT = 18;

    private enum Scan { ANON, FILE, EQUAL, FRACTION }

    private ScanBalance() {}

    /** {@code inactive_is_low()}. */
    static boolean isInactiveLow(LruLists lists, boolean file) {
        long inactive = lists.pages(file ? LruList.INACTIVE_FILE : LruList.INACTIVE_ANON);
        long active = lists.pages(file ? LruList.ACTIVE_FILE : LruList.ACTIVE_ANON);
        long gib = inactive + active >> GIB_SHIFT;
        long ratio = gib > 0 ? (long) StrictMath.sqrt(10 * gib) : 1;
        return inactive * ratio < active;
    }

    /** Which active lists may be shrunk: their inactive ones are short. */
    static int deactivation(LruLists lists) {
        return (isInactiveLow(lists, false) ? DEACTIVATE_ANON : 0) | (isInactiveLow(lists, true) ? DEACTIVATE_FILE : 0);
    }

    /** @param anon whether anonymous folios can go anywhere */
    static ScanCounts counts(NumaNode node, int priority, boolean anon, Turn turn) {
        LruLists lists = Pressure.lists(node, turn);
        int swappiness = turn.context().settings().swappiness();
        Pressure pressure = node.pressure;
        long total = pressure.anonCost + pressure.fileCost;
        long anonShare = swappiness * (total + 1) / (total + pressure.anonCost + 1);
        long fileShare = (MAX_SWAPPINESS - swappiness) * (total + 1) / (total + pressure.fileCost + 1);
        Scan scan = scan(node, lists, priority, anon, swappiness, turn);
        ScanCounts counts = ScanCounts.NONE;
        for (LruList list : LruList.values()) {
            long pages = lists.pages(list) >> priority;
            long share = switch (scan) {
                case EQUAL -> pages;
                case ANON -> list.isFile() ? 0 : pages;
                case FILE -> list.isFile() ? pages : 0;
                case FRACTION -> pages * (list.isFile() ? fileShare : anonShare) / Math.max(1, anonShare + fileShare);
            };
            counts = counts.with(list, share);
        }
        return counts;
    }

    private static Scan scan(NumaNode node, LruLists lists, int priority, boolean anon, int swappiness, Turn turn) {
        if (!anon) {
            return Scan.FILE;
        }
        if (priority == 0 && swappiness > 0) {
            return Scan.EQUAL;
        }
        int deactivate = deactivation(lists);
        long file = lists.pages(LruList.INACTIVE_FILE) + lists.pages(LruList.ACTIVE_FILE);
        boolean tiny = file + node.frames.freePages() <= node.pressure.marks(node, turn).high() && (deactivate & DEACTIVATE_ANON) == 0
                && lists.pages(LruList.INACTIVE_ANON) >> priority > 0;
        if (tiny) {
            return Scan.ANON;
        }
        boolean trim = lists.pages(LruList.INACTIVE_FILE) >> priority > 0 && (deactivate & DEACTIVATE_FILE) == 0;
        return trim ? Scan.FILE : Scan.FRACTION;
    }
}
