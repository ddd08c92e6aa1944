package org.foliofleet.node.journal;

import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import org.foliofleet.node.journal.JournalCommand.Committed;
import org.foliofleet.node.journal.JournalRecord.BranchPoint;
import org.foliofleet.node.journal.JournalRecord.EpochCommitted;

/** Commits of a machine that stay, so that other experiments can begin with them. */
public final class BranchPoints {
    private BranchPoints() {}

    /**
     * One of them.
     *
     * @param number that it was given
     * @param tick   after which it is
     */
    public record Point(long number, long epoch, long tick, String digest) {}

    /**
     * All of a machine, in their order; of those with one number, which a step back can leave, the last.
     *
     * @throws JournalDamage         if rows are not as they were written
     * @throws IllegalStateException if the database cannot be had; the cause is the exception of the driver
     */
    public static List<Point> list(JournalDatabase database, String machine) {
        List<Point> points = new ArrayList<>();
        for (BranchPoint point : all(database, machine)) {
            points.removeIf(other -> other.number() == point.number());
            EpochCommitted commit = point.committed();
            points.add(new Point(point.number(), commit.epoch(), commit.tick(), commit.digest()));
        }
        return points;
    }

    /**
     * The machine as it was at a branch point; null if there is none of that number. The rows of other lanes than the first
     * are to be had with {@link LaneRows}.
     *
     * @throws JournalDamage         if rows are not as they were written
     * @throws IllegalStateException if the database cannot be had; the cause is the exception of the driver
     */
    public static Committed read(JournalDatabase database, String machine, long number) {
        EpochCommitted found = null;
        for (BranchPoint point : all(database, machine)) {
            found = point.number() == number ? point.committed() : found;
        }
        if (found == null) {
            return null;
        }
        return JournalReader.toCommitted(found, LaneRows.read(database, machine, found.lanes().subList(0, 1)).get(0));
    }

    private static List<BranchPoint> all(JournalDatabase database, String machine) {
        List<BranchPoint> points = new ArrayList<>();
        try (JournalReader reader = new JournalReader(database, new LaneId(machine, 0))) {
            reader.forEach(BranchPoint.class, (row, record) -> {
                BranchPoint point = (BranchPoint) record;
                if (point.committed() != null) {
                    points.add(point);
                }
            });
            return points;
        } catch (SQLException e) {
            throw new IllegalStateException("machine " + machine + ": its journal cannot be read: " + JournalFailure.explain(e), e);
        }
    }
}
