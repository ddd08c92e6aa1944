package org.foliofleet.node.journal;

import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;

/** The rows of all lanes of a machine, for whoever puts them together: to spread them anew, to branch, to look. */
public final class LaneRows {
    private LaneRows() {}

    /**
     * Reads them; this takes its time.
     *
     * @param lanes of a commit
     * @return by lane
     * @throws JournalDamage     if rows are not as they were written
     * @throws IllegalStateException if the database cannot be had; the cause is the exception of the driver
     */
    public static List<RowSet> read(JournalDatabase database, String machine, List<PreparedLane> lanes) {
        List<RowSet> all = new ArrayList<>(lanes.size());
        for (int lane = 0; lane < lanes.size(); lane++) {
            try (JournalReader reader = new JournalReader(database, new LaneId(machine, lane))) {
                all.add(reader.rows(lanes.get(lane)));
            } catch (SQLException e) {
                throw new IllegalStateException("machine " + machine + ": its journal cannot be read: " + JournalFailure.explain(e), e);
            }
        }
        return all;
    }
}
