package org.foliofleet.protocol.experiment;

import java.util.ArrayList;
import java.util.List;
import org.foliofleet.protocol.experiment.ExperimentSpec.MachineClass;

/** Reads the table of NUMA distances, which has to be a metric: 10 to itself, alike both ways, no longer than detours. */
final class DistancesReader {
    private static final int LOCAL = 10;
    private static final int REMOTE = 20;

    private final Problems problems;
    private final Values values;

    DistancesReader(Problems problems) {
        this.problems = problems;
        this.values = new Values(problems);
    }

    /** @param like whose distances are taken over if none are written, or null */
    List<List<Integer>> read(Yaml written, int nodes, MachineClass like) {
        if (written == null && like != null) {
            return like.distances();
        }
        List<List<Integer>> table = new ArrayList<>();
        for (int from = 0; from < nodes; from++) {
            List<Integer> row = new ArrayList<>();
            for (int to = 0; to < nodes; to++) {
                row.add(from == to ? LOCAL : REMOTE);
            }
            table.add(row);
        }
        if (written == null) {
            return table;
        }
        List<Yaml> rows = values.list(written, "'distances'");
        String remedy = "write " + nodes + " lists of " + nodes + " numbers, as 'numactl -H' does";
        if (rows.size() != nodes) {
            problems.add(written.at(), "'distances' has " + rows.size() + " rows for " + nodes + " nodes", remedy);
            return table;
        }
        boolean sound = true;
        for (int from = 0; from < nodes; from++) {
            List<Yaml> row = values.list(rows.get(from), "a row of 'distances'");
            if (row.size() != nodes) {
                problems.add(rows.get(from).at(), "row " + from + " has " + row.size() + " distances for " + nodes + " nodes",
                    remedy);
                sound = false;
                continue;
            }
            for (int to = 0; to < nodes; to++) {
                int distance = (int) values.integer(row.get(to), "distance", LOCAL, 254);
                if ((from == to) != (distance == LOCAL)) {
                    problems.add(row.get(to).at(), "distance " + distance + " from node " + from + " to node " + to,
                        "10 is the distance to itself, all others are greater");
                    sound = false;
                }
                table.get(from).set(to, distance);
            }
        }
        if (sound) {
            checkMetric(table, rows);
        }
        return table;
    }

    /** A distance is the same both ways, and no longer than a detour. */
    private void checkMetric(List<List<Integer>> table, List<Yaml> rows) {
        for (int from = 0; from < table.size(); from++) {
            List<Yaml> row = values.list(rows.get(from), "a row of 'distances'");
            for (int to = 0; to < table.size(); to++) {
                int distance = table.get(from).get(to);
                if (to < from && distance != table.get(to).get(from)) {
                    problems.add(row.get(to).at(), "distance " + distance + " from node " + from + " to node " + to + ", but "
                        + table.get(to).get(from) + " from node " + to + " to node " + from, "write the same distance both ways");
                }
                for (int by = 0; by < table.size(); by++) {
                    if (from < to && by != from && by != to && distance > table.get(from).get(by) + table.get(by).get(to)) {
                        problems.add(row.get(to).at(), "distance " + distance + " from node " + from + " to node " + to
                            + " is longer than by way of node " + by, "write at most " + (table.get(from).get(by) + table.get(by).get(to)));
                    }
                }
            }
        }
    }
}
