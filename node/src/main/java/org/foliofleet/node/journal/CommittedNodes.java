package org.foliofleet.node.journal;

import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import org.foliofleet.node.journal.JournalRecord.EpochCommitted;
import org.foliofleet.node.mm.Topology;
import org.foliofleet.node.mm.machine.MachineParts;
import org.foliofleet.node.mm.machine.OwnerImage;
import org.foliofleet.node.mm.machine.OwnerRow;
import org.foliofleet.node.mm.numa.NumaNode;
import org.foliofleet.protocol.id.OwnerId;

/**
 * The NUMA nodes of a machine as they were at its last commit, for whoever looks at it from outside; the machine does not notice.
 *
 * @param nodes by number
 */
public record CommittedNodes(long epoch, long tick, List<NumaNode> nodes) {
    private static final int ATTEMPTS = 3;

    /**
     * Reads them; this takes its time.
     *
     * @return null if the machine has not committed anything
     * @throws JournalDamage         if rows are not as they were written
     * @throws IllegalStateException if the database cannot be had; the cause is the exception of the driver
     */
    public static CommittedNodes read(JournalDatabase database, String machine) {
        for (int attempt = 1;; attempt++) {
            try {
                EpochCommitted commit = last(database, machine);
                return commit == null ? null : of(commit, LaneRows.read(database, machine, commit.lanes()));
            } catch (JournalDamage e) {
                // a machine that runs may have removed rows of an older image meanwhile
                if (attempt == ATTEMPTS) {
                    throw e;
                }
            }
        }
    }

    private static EpochCommitted last(JournalDatabase database, String machine) {
        EpochCommitted[] last = new EpochCommitted[1];
        try (JournalReader reader = new JournalReader(database, new LaneId(machine, 0))) {
            reader.forEach(EpochCommitted.class, (row, record) -> last[0] = (EpochCommitted) record);
            return last[0];
        } catch (SQLException e) {
            throw new IllegalStateException("machine " + machine + ": its journal cannot be read: " + JournalFailure.explain(e), e);
        }
    }

    private static CommittedNodes of(EpochCommitted commit, List<RowSet> lanes) {
        Topology topology = MachineParts.of(lanes.get(0).rest()).topology();
        List<NumaNode> nodes = new ArrayList<>();
        for (RowSet lane : lanes) {
            for (OwnerRow row : lane.owners()) {
                OwnerId id = OwnerId.of(row.owner());
                if (id instanceof OwnerId.NumaNodeId) {
                    nodes.add((NumaNode) OwnerImage.read(id, row.state(), topology));
                }
            }
        }
        nodes.sort(Comparator.comparingLong(node -> node.id().key()));
        return new CommittedNodes(commit.epoch(), commit.tick(), nodes);
    }
}
