package org.foliofleet.coordinator.experiment;

import java.util.ArrayList;
import java.util.List;
import org.foliofleet.coordinator.experiment.ExperimentCommand.ExperimentReply;
import org.foliofleet.coordinator.experiment.ExperimentCommand.Refused;
import org.foliofleet.coordinator.experiment.ExperimentCommand.Unknown;
import org.foliofleet.coordinator.experiment.ExperimentEvent.MachineEnded;

/** What one experiment answers to those who ask how it is, beyond its status. Nothing of it changes anything. */
final class ExperimentQueries {
    private static final int RESULT_BYTES_AT_ONCE = 512 << 10;

    private final String id;
    private final ExperimentView view;

    ExperimentQueries(String id, ExperimentView view) {
        this.id = id;
        this.view = view;
    }

    ExperimentReply source(ExperimentLifecycle state) {
        return state.exists() ? new ExperimentCommand.Source(state.source(), state.execution()) : new Unknown(id);
    }

    /** Results of machines, as many as one message may hold. @param from number of the first machine */
    ExperimentReply results(ExperimentLifecycle state, int from) {
        if (!state.exists()) {
            return new Unknown(id);
        }
        List<String> names = view.board().names();
        List<byte[]> results = new ArrayList<>();
        int bytes = 0;
        int next = from;
        for (; next < names.size() && bytes < RESULT_BYTES_AT_ONCE; next++) {
            MachineEnded ended = state.ended().get(names.get(next));
            if (ended == null) {
                return new Refused(state.phase(), "is " + state.phase().word() + ", and machine " + names.get(next)
                        + " has no result; wait until it is completed");
            }
            byte[] result = Packed.unpack(ended.result());
            results.add(result);
            bytes += result.length;
        }
        return new ExperimentCommand.Results(results, next < names.size() ? next : -1);
    }

    ExperimentReply fleet(ExperimentLifecycle state) {
        return state.exists() ? new ExperimentCommand.Fleet(view.fleet().view()) : new Unknown(id);
    }

    ExperimentReply failures(ExperimentLifecycle state) {
        return state.exists() ? new ExperimentCommand.Failures(view.fleet().failures(state.failed().values())) : new Unknown(id);
    }
}
