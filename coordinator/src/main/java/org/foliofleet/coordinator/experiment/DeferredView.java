package org.foliofleet.coordinator.experiment;

import java.util.List;
import org.foliofleet.coordinator.experiment.FoliosView.FolioView;

/**
 * The deferred split queues of a machine, as they were at its last commit.
 *
 * @param machine {@code CLASS/NUMBER}
 * @param epoch   of that commit; -1: there was none
 * @param tick    of the machine then
 * @param nodes   by number
 */
public record DeferredView(String id, String machine, long epoch, long tick, List<Queue> nodes) {
    public DeferredView {
        nodes = List.copyOf(nodes);
    }

    /**
     * The queue of a NUMA node.
     *
     * @param length folios on it
     * @param pages  that they have
     * @param peak   most folios that ever were on it
     * @param ever   folios that were put on it
     * @param folios that have been there longest, the oldest first
     */
    public record Queue(int node, long length, long pages, long peak, long ever, List<FolioView> folios) {
        public Queue {
            folios = List.copyOf(folios);
        }
    }
}
