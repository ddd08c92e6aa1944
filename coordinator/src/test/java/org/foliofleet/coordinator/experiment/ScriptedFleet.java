package org.foliofleet.coordinator.experiment;

import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Consumer;
import org.foliofleet.protocol.control.MachineName;
import org.foliofleet.protocol.control.MachineNews;
import org.foliofleet.protocol.series.Series;
import org.foliofleet.protocol.control.MachineOrder;

/** Machines without a model: they run, rest and end as a test says, and tell the news that real ones would. */
final class ScriptedFleet implements Consumer<MachineOrder> {
    private final Map<String, Boolean> running = new TreeMap<>();
    private final Set<String> ended = new HashSet<>();
    private final Set<String> deaf = new HashSet<>();
    private final List<MachineOrder> orders = Collections.synchronizedList(new ArrayList<>());
    private Consumer<MachineNews> experiment;
    private long epoch = 1;

    /** Whom the machines tell. */
    void tellTo(Consumer<MachineNews> listener) {
        experiment = listener;
    }

    /** The machine hears nothing from now on. */
    synchronized void deafen(String machine) {
        deaf.add(machine);
    }

    synchronized void cure(String machine) {
        deaf.remove(machine);
    }

    List<MachineOrder> orders() {
        synchronized (orders) {
            return List.copyOf(orders);
        }
    }

    @Override
    public synchronized void accept(MachineOrder order) {
        orders.add(order);
        String machine = order.machine();
        if (deaf.contains(machine)) {
            return;
        }
        if (order instanceof MachineOrder.EnsureRunning) {
            if (ended.contains(machine)) {
                experiment.accept(ended(machine));
            } else {
                running.put(machine, true);
                experiment.accept(running(machine));
            }
        } else if (order instanceof MachineOrder.Pause) {
            running.put(machine, false);
            experiment.accept(new MachineNews.Paused(machine, epoch, 100 * epoch, "digest-" + epoch));
        } else {
            running.put(machine, false);
        }
    }

    synchronized boolean isRunning(String machine) {
        return running.getOrDefault(machine, false);
    }

    synchronized long runningCount() {
        return running.values().stream().filter(runs -> runs).count();
    }

    /** All machines commit one more epoch. */
    synchronized void commit() {
        epoch++;
        running.forEach((machine, runs) -> {
            if (runs) {
                experiment.accept(running(machine));
            }
        });
    }

    synchronized void end(String machine) {
        running.put(machine, false);
        ended.add(machine);
        experiment.accept(ended(machine));
    }

    synchronized void fail(String machine, String reason) {
        running.put(machine, false);
        experiment.accept(new MachineNews.Failed(machine, reason));
    }

    static byte[] result(String machine) {
        byte[] result = new byte[2_000];
        result[0] = (byte) MachineName.of(machine).ordinal();
        return result;
    }

    private MachineNews.Running running(String machine) {
        return new MachineNews.Running(machine, 1, epoch, 100 * epoch, 1_000 * epoch, 10 * epoch, "digest-" + epoch, Series.NONE.toBytes());
    }

    private MachineNews.Ended ended(String machine) {
        return new MachineNews.Ended(machine, epoch, 100 * epoch, "end-" + machine, result(machine));
    }
}
