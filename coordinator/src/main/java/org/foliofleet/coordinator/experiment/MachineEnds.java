package org.foliofleet.coordinator.experiment;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.foliofleet.coordinator.experiment.ExperimentEvent.MachineEnded;
import org.foliofleet.coordinator.experiment.ExperimentEvent.MachineFailed;

/** What the end of a machine means for its experiment. */
final class MachineEnds {
    private MachineEnds() {}

    /**
     * The end of a machine, and what follows for the experiment if nothing of it is left to wait for.
     *
     * @param state  before
     * @param view   in which the machine is over already
     * @param digest of the machine, or null: it has failed
     * @param now    wall time, in milliseconds
     */
    static List<ExperimentEvent> events(ExperimentLifecycle state, ExperimentView view, ExperimentEvent end, String digest, long now) {
        List<ExperimentEvent> events = new ArrayList<>(List.of(end));
        if (view.board().allOver()) {
            int failed = state.failed().size() + (digest == null ? 1 : 0);
            if (failed > 0) {
                String first = state.failed().isEmpty() ? ((MachineFailed) end).reason() : state.failed().values().iterator().next().reason();
                events.add(new ExperimentEvent.Failed(ExperimentEvent.bounded(failed + " of " + view.board().size() + " machines failed; the first: "
                        + first), now));
            } else {
                Map<String, MachineEnded> ended = state.ended();
                List<String> digests = view.board().names().stream()
                        .map(name -> ended.containsKey(name) ? ended.get(name).digest() : digest).toList();
                events.add(new ExperimentEvent.Completed(ExperimentDigest.of(view.spec().digest(), digests), now));
            }
        } else if (state.pausing() && view.board().allRest()) {
            events.add(new ExperimentEvent.Paused(now));
        } else if (state.phase() == ExperimentPhase.STARTING && !state.pausing() && view.board().allHeardOf()) {
            events.add(new ExperimentEvent.Ran(now));
        }
        return events;
    }
}
