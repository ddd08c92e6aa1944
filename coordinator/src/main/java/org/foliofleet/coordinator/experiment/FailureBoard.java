package org.foliofleet.coordinator.experiment;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.foliofleet.coordinator.experiment.ExperimentEvent.MachineFailed;
import org.foliofleet.coordinator.experiment.FailuresView.CallFailures;
import org.foliofleet.coordinator.experiment.FailuresView.ClassFailures;
import org.foliofleet.coordinator.experiment.FailuresView.MachineFailures;
import org.foliofleet.protocol.experiment.ExperimentResult.FailureGroup;
import org.foliofleet.protocol.experiment.MachineResult;

/** What failed in machines that have ended, by cause: as large as there are causes. */
final class FailureBoard {
    private static final int NAMES = 10;

    private record Cause(String call, String error) {}

    private static final class OfClass {
        private long ended;
        private final Map<Cause, CallFailures> calls = new LinkedHashMap<>();
    }

    private final Map<String, OfClass> classes = new TreeMap<>();

    void ended(String machineClass, int ordinal, MachineResult result) {
        OfClass of = classes.computeIfAbsent(machineClass, name -> new OfClass());
        of.ended++;
        for (FailureGroup group : result.failures()) {
            of.calls.merge(new Cause(group.call(), group.error()), new CallFailures(group.call(), group.error(), group.count(), group.nanos(), ordinal,
                    group.process(), group.line()), FailureBoard::both);
        }
    }

    private static CallFailures both(CallFailures one, CallFailures other) {
        CallFailures first = one.firstNanos() < other.firstNanos() || one.firstNanos() == other.firstNanos() && one.firstMachine() <= other.firstMachine()
                ? one : other;
        return new CallFailures(one.call(), one.error(), one.count() + other.count(), first.firstNanos(), first.firstMachine(), first.firstProcess(),
                first.line());
    }

    ClassFailures of(String machineClass, long machines, long callsFailed) {
        OfClass of = classes.getOrDefault(machineClass, new OfClass());
        List<CallFailures> calls = new ArrayList<>(of.calls.values());
        calls.sort(Comparator.comparingLong(CallFailures::firstNanos).thenComparing(CallFailures::call).thenComparing(CallFailures::error));
        return new ClassFailures(machineClass, machines, of.ended, callsFailed, calls);
    }

    static List<MachineFailures> machines(Iterable<MachineFailed> failed) {
        Map<String, List<String>> names = new LinkedHashMap<>();
        for (MachineFailed each : failed) {
            names.computeIfAbsent(each.reason(), reason -> new ArrayList<>()).add(each.machine());
        }
        List<MachineFailures> causes = new ArrayList<>();
        names.forEach((cause, all) -> causes.add(new MachineFailures(cause, all.size(), all.subList(0, Math.min(NAMES, all.size())))));
        return causes;
    }
}
