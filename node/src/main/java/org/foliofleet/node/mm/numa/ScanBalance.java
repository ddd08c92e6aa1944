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
        return isInactiveLow(lists.sizes(), file);
    }

    static boolean isInactiveLow(ScanCounts sizes, boolean file) {
        long inactive = file ? sizes.inactiveFile() : sizes.inactiveAnon();
        long active = file ? sizes.activeFile() : sizes.activeAnon();
        long gib = inactive + active >> GIB_SHIFT;
        long ratio = gib > 0 ? (long) StrictMath.sqrt(10 * gib) : 1;
        return inactive * ratio < active;
    }

    /** Which active lists may be shrunk: their inactive ones are short. */
    static int deactivation(LruLists lists) {
        return deactivation(lists.sizes());
    }

    static int deactivation(ScanCounts sizes) {
        return (isInactiveLow(sizes, false) ? DEACTIVATE_ANON : 0) | (isInactiveLow(sizes, true) ? DEACTIVATE_FILE : 0);
    }

    /** @param anon whether anonymous folios can go anywhere */
    static ScanCounts counts(NumaNode node, int priority, boolean anon, Turn turn) {
        ScanCounts sizes = Pressure.lists(node, turn).sizes();
        return counts(node, sizes, priority, scan(node, sizes, priority, anon, turn), turn);
    }

    /**
     * The same for a cgroup, where free memory does not matter.
     *
     * @param sizes of its lists
     */
    static ScanCounts ofCgroup(NumaNode node, ScanCounts sizes, int priority, boolean anon, Turn turn) {
        return counts(node, sizes, priority, scan(sizes, priority, anon, turn), turn);
    }

    private static ScanCounts counts(NumaNode node, ScanCounts sizes, int priority, Scan scan, Turn turn) {
        int swappiness = turn.context().settings().swappiness();
        Pressure pressure = node.pressure;
        long total = pressure.anonCost + pressure.fileCost;
        long anonShare = swappiness * (total + 1) / (total + pressure.anonCost + 1);
        long fileShare = (MAX_SWAPPINESS - swappiness) * (total + 1) / (total + pressure.fileCost + 1);
        ScanCounts counts = ScanCounts.NONE;
        for (LruList list : LruList.values()) {
            long pages = sizes.of(list) >> priority;
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

    private static Scan scan(NumaNode node, ScanCounts sizes, int priority, boolean anon, Turn turn) {
        Scan scan = scan(sizes, priority, anon, turn);
        if (!anon || scan == Scan.EQUAL) {
            return scan;
        }
        long file = sizes.inactiveFile() + sizes.activeFile();
        boolean tiny = file + node.frames.freePages() <= node.pressure.marks(node, turn).high()
                && (deactivation(sizes) & DEACTIVATE_ANON) == 0 && sizes.inactiveAnon() >> priority > 0;
        return tiny ? Scan.ANON : scan;
    }

    private static Scan scan(ScanCounts sizes, int priority, boolean anon, Turn turn) {
        if (!anon) {
            return Scan.FILE;
        }
        if (priority == 0 && turn.context().settings().swappiness() > 0) {
            return Scan.EQUAL;
        }
        boolean trim = sizes.inactiveFile() >> priority > 0 && (deactivation(sizes) & DEACTIVATE_FILE) == 0;
        return trim ? Scan.FILE : Scan.FRACTION;
    }
}
