package org.foliofleet.protocol.experiment;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.foliofleet.protocol.experiment.ExperimentResult.CallTime;
import org.foliofleet.protocol.experiment.ExperimentResult.ClassResult;
import org.foliofleet.protocol.experiment.ExperimentResult.MarkResult;
import org.foliofleet.protocol.experiment.ExperimentSpec.MachineClass;
import org.foliofleet.protocol.series.SeriesFold;

/** The machines of one class, added one after the other in the order of their numbers, as one result. */
final class ClassFold {
    private final MachineClass machines;
    private final Map<String, MarkResult> marks = new LinkedHashMap<>();
    private final Map<String, CallTime> times = new TreeMap<>();
    private final FailureTable failures = new FailureTable();
    private final SeriesFold series = new SeriesFold();
    private MetricValues metrics = MetricValues.NONE;
    private long nanos;
    private String end = "";

    ClassFold(MachineClass machines) {
        this.machines = machines;
    }

    void add(MachineResult machine) {
        metrics = metrics.and(machine.metrics());
        machine.marks().forEach(mark -> marks.merge(mark.label(), mark, ClassFold::merge));
        machine.times().forEach(time -> times.merge(time.call(), time, CallTime::and));
        machine.failures().forEach(failures::add);
        series.add(machine.series());
        nanos = Math.max(nanos, machine.nanos());
        end = end.isEmpty() || end.equals(machine.end()) ? machine.end() : "for different reasons";
    }

    private static MarkResult merge(MarkResult a, MarkResult b) {
        return new MarkResult(a.label(), a.machines() + b.machines(), Math.min(a.nanos(), b.nanos()), a.metrics().and(b.metrics()));
    }

    ClassResult result() {
        return new ClassResult(machines.name(), machines.count(), nanos, end, metrics, new ArrayList<>(marks.values()), failures.groups(),
                List.copyOf(times.values()), series.result());
    }
}
