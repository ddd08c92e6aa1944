package org.foliofleet.node.journal;

import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.function.Consumer;
import org.foliofleet.protocol.id.OwnerId;

/** What happened in a machine, from its journal: all of it if it keeps a history, else the last of each epoch that is left. */
public final class MachineHistory {
    private MachineHistory() {}

    /**
     * Something that happened.
     *
     * @param event the record itself
     * @param words the same for people
     */
    public record Entry(long tick, OwnerId owner, Object event, String words) {}

    /**
     * Tells what happened, in the order of ticks and in a tick in that of owners.
     *
     * @param machine  its name
     * @param fromTick the first that counts
     * @param toTick   the last that counts
     * @return events of epochs that were looked at and that were not kept; 0 of a full history
     * @throws JournalDamage         if rows cannot be read
     * @throws IllegalStateException if the database cannot be had; the cause is the exception of the driver
     */
    public static long read(JournalDatabase database, String machine, HistoryFilter filter, long fromTick, long toTick, Consumer<Entry> sink) {
        List<LaneEvents> lanes = new ArrayList<>();
        try {
            try {
                for (int lane = 0; lane == 0 || !lanes.get(lane - 1).isEmpty(); lane++) {
                    lanes.add(new LaneEvents(database, new LaneId(machine, lane)));
                }
                merge(lanes, filter, fromTick, toTick, sink);
                return lanes.stream().mapToLong(LaneEvents::skipped).sum();
            } finally {
                for (LaneEvents lane : lanes) {
                    lane.close();
                }
            }
        } catch (SQLException e) {
            throw new IllegalStateException("machine " + machine + ": its journal cannot be read: " + JournalFailure.explain(e), e);
        }
    }

    private static void merge(List<LaneEvents> lanes, HistoryFilter filter, long fromTick, long toTick, Consumer<Entry> sink) throws SQLException {
        Comparator<Entry> order = Comparator.comparingLong(Entry::tick).thenComparingLong(entry -> entry.owner().key());
        List<Entry> heads = new ArrayList<>();
        for (LaneEvents lane : lanes) {
            heads.add(lane.next());
        }
        while (true) {
            int first = -1;
            for (int i = 0; i < heads.size(); i++) {
                if (heads.get(i) != null && (first < 0 || order.compare(heads.get(i), heads.get(first)) < 0)) {
                    first = i;
                }
            }
            if (first < 0 || heads.get(first).tick() > toTick) {
                return;
            }
            Entry entry = heads.get(first);
            if (entry.tick() >= fromTick && filter.takes(entry.owner(), entry.event())) {
                sink.accept(new Entry(entry.tick(), entry.owner(), entry.event(), EventWords.of(entry.event())));
            }
            heads.set(first, lanes.get(first).next());
        }
    }
}
