package org.foliofleet.node.conformance;

import java.util.List;
import org.foliofleet.node.conformance.Difference.Category;
import org.foliofleet.node.conformance.DifferenceList.Place;

/** Compares how an operation ended. */
final class OutcomeDiff {
    private static final RunSweep<Outcome.Status> STATUS =
            new RunSweep<>(Outcome.Status::at, run -> run.at() + run.count());

    private OutcomeDiff() {}

    /** @param step number of the step, from 1 */
    static List<Difference> compare(int step, Statement statement, RecordingHeader header, Outcome kernel,
            Outcome model) {
        DifferenceList list = new DifferenceList(step, statement.text(), header.unstable());
        String process = statement instanceof Statement.OfProcess call ? call.process() : "";
        String path = "steps[" + (step - 1) + "]";
        Place place = new Place(Category.RESULT, process, "", path);
        list.compare(place, "res", kernel.result(), model.result());
        list.compare(place, "left", kernel.left(), model.left());
        if (kernel.result().equals(model.result()) && !list.isUnstable(path + ".status")) {
            compareStatus(list, process, path, kernel.status(), model.status());
        }
        return list.differences();
    }

    private static void compareStatus(DifferenceList list, String process, String path, List<Outcome.Status> kernel,
            List<Outcome.Status> model) {
        STATUS.sweep(kernel, model, new RunSweep.Visitor<>() {
            private Place place(long from, long end) {
                return new Place(Category.RESULT, process,
                        end - from > 1 ? "status of pages " + from + "-" + (end - 1) : "status of page " + from,
                        path + ".status");
            }

            @Override
            public void both(Outcome.Status run, Outcome.Status other, long from, long end) {
                list.compare(place(from, end), run.error() == null ? "node" : "err", run.describe(), other.describe());
            }

            @Override
            public void one(Outcome.Status run, boolean kernelHas, long from, long end, RunSweep.Gap gap) {
                String field = gap == RunSweep.Gap.ENDS_EARLY ? "n" : "at";
                list.add(place(from, end), field, kernelHas ? run.describe() : "nothing",
                        kernelHas ? "nothing" : run.describe());
            }
        });
    }
}
