package org.foliofleet.coordinator.experiment;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.foliofleet.protocol.control.MachineName;
import org.foliofleet.protocol.control.MachineNews;
import org.foliofleet.protocol.experiment.ExperimentSpec;
import org.foliofleet.protocol.experiment.ExperimentSpec.MachineClass;

/**
 * The machines of one experiment, as far as this JVM has heard of them: who is to be ordered next, and how far all are. Nothing
 * of it is in the journal; a JVM that takes an experiment over begins with an empty board and orders everybody anew.
 */
final class MachineBoard {
    private static final int MOST_TROUBLES = 6;

    /** What a machine does. */
    enum Doing { UNKNOWN, ORDERED, RUNNING, WAITING, PAUSED, ENDED, FAILED }

    private static final class Machine {
        private final String name;
        private Doing doing = Doing.UNKNOWN;
        private long orderedMillis;
        private long heardMillis;
        private MachineNews.Running last;
        private long restTick = -1;

        Machine(String name) {
            this.name = name;
        }
    }

    private final Map<String, Machine> machines = new LinkedHashMap<>();
    private final int atOnce;
    private final long patienceMillis;
    private final ArrayDeque<String> troubles = new ArrayDeque<>();
    private final long[] counts = new long[Doing.values().length];
    private long stepBacks;
    private long endedNanos;

    /**
     * @param atOnce         most machines that are ordered and not heard of
     * @param patienceMillis until a machine that is silent is ordered again
     */
    MachineBoard(String id, ExperimentSpec spec, int atOnce, long patienceMillis) {
        this.atOnce = atOnce;
        this.patienceMillis = patienceMillis;
        for (MachineClass each : spec.machines()) {
            for (int i = 0; i < each.count(); i++) {
                String name = new MachineName(id, each.name(), i).toString();
                machines.put(name, new Machine(name));
            }
        }
        counts[Doing.UNKNOWN.ordinal()] = machines.size();
    }

    /** In the order of the experiment. */
    List<String> names() {
        return new ArrayList<>(machines.keySet());
    }

    boolean knows(String machine) {
        return machines.containsKey(machine);
    }

    int size() {
        return machines.size();
    }

    private void set(Machine machine, Doing doing) {
        counts[machine.doing.ordinal()]--;
        counts[doing.ordinal()]++;
        machine.doing = doing;
    }

    long count(Doing doing) {
        return counts[doing.ordinal()];
    }

    /** Nothing more is expected of a machine. */
    void over(String machine, boolean withResult) {
        Machine gone = machines.get(machine);
        if (gone != null) {
            endedNanos = Math.max(endedNanos, gone.last == null ? 0 : gone.last.nanos());
            set(gone, withResult ? Doing.ENDED : Doing.FAILED);
        }
    }

    /** All that have not ended are as if never heard of: what they are to do has changed. */
    void forget() {
        for (Machine machine : machines.values()) {
            if (machine.doing != Doing.ENDED && machine.doing != Doing.FAILED) {
                set(machine, Doing.UNKNOWN);
            }
        }
    }

    /** Hears of a machine that has not ended; of others and strangers it hears nothing. */
    void hear(MachineNews news, long nowMillis) {
        Machine machine = machines.get(news.machine());
        if (machine == null || machine.doing == Doing.ENDED || machine.doing == Doing.FAILED) {
            return;
        }
        machine.heardMillis = nowMillis;
        if (news instanceof MachineNews.Running running) {
            machine.last = running;
            set(machine, Doing.RUNNING);
        } else if (news instanceof MachineNews.SteppedBack back) {
            stepBacks++;
            trouble(back.machine() + " stepped back to its commit " + back.epoch() + ": " + back.cause());
            set(machine, Doing.RUNNING);
        } else if (news instanceof MachineNews.Waiting waiting) {
            if (machine.doing != Doing.WAITING) {
                trouble(waiting.machine() + " waits: " + waiting.cause());
            }
            set(machine, Doing.WAITING);
        } else if (news instanceof MachineNews.Paused paused) {
            machine.restTick = paused.tick();
            set(machine, Doing.PAUSED);
        }
    }

    private void trouble(String text) {
        troubles.remove(text);
        troubles.add(ExperimentEvent.bounded(text));
        if (troubles.size() > MOST_TROUBLES) {
            troubles.remove();
        }
    }

    /**
     * Who is to be told to run now; they count as ordered.
     *
     * @return names, no more than may be ordered at once
     */
    List<String> toRun(long nowMillis) {
        return toOrder(nowMillis, false);
    }

    /** Who is to be told to rest now; they count as ordered. */
    List<String> toRest(long nowMillis) {
        return toOrder(nowMillis, true);
    }

    private List<String> toOrder(long nowMillis, boolean rest) {
        List<String> chosen = new ArrayList<>();
        long underWay = count(Doing.ORDERED);
        for (Machine machine : machines.values()) {
            boolean again = machine.doing == Doing.ORDERED;
            boolean due = switch (machine.doing) {
                case ORDERED -> nowMillis - machine.orderedMillis >= patienceMillis;
                case RUNNING, WAITING -> rest || nowMillis - machine.heardMillis >= patienceMillis;
                case UNKNOWN -> true;
                case PAUSED -> !rest;
                case ENDED, FAILED -> false;
            };
            if (!due || !again && underWay >= atOnce) {
                continue;
            }
            underWay += again ? 0 : 1;
            machine.orderedMillis = nowMillis;
            set(machine, Doing.ORDERED);
            chosen.add(machine.name);
        }
        return chosen;
    }

    boolean allHeardOf() {
        return count(Doing.UNKNOWN) + count(Doing.ORDERED) == 0;
    }

    boolean allRest() {
        return count(Doing.PAUSED) + count(Doing.ENDED) + count(Doing.FAILED) == machines.size();
    }

    boolean allOver() {
        return count(Doing.ENDED) + count(Doing.FAILED) == machines.size();
    }

    /** @param paused whether those that were not heard of rest: nobody has told them to run */
    ExperimentStatus.Machines counted(boolean paused) {
        long unheard = count(Doing.UNKNOWN) + count(Doing.ORDERED);
        return new ExperimentStatus.Machines(machines.size(), paused ? 0 : unheard, count(Doing.RUNNING), count(Doing.WAITING),
                count(Doing.PAUSED) + (paused ? unheard : 0), count(Doing.ENDED), count(Doing.FAILED), stepBacks);
    }

    /** The least tick committed by a machine that has not ended; -1 if nobody told. */
    long tick() {
        long least = -1;
        for (Machine machine : machines.values()) {
            long tick = machine.restTick >= 0 && machine.doing == Doing.PAUSED ? machine.restTick
                    : machine.last == null ? -1 : machine.last.tick();
            if (machine.doing != Doing.ENDED && machine.doing != Doing.FAILED && tick >= 0) {
                least = least < 0 ? tick : Math.min(least, tick);
            }
        }
        return least;
    }

    /** Simulated by the slowest machine that has not ended; if all have, by the longest; -1 if nobody told. */
    long nanos() {
        long least = Long.MAX_VALUE;
        for (Machine machine : machines.values()) {
            if (machine.last != null && machine.doing != Doing.ENDED && machine.doing != Doing.FAILED) {
                least = Math.min(least, machine.last.nanos());
            }
        }
        return least != Long.MAX_VALUE ? least : allOver() && endedNanos > 0 ? endedNanos : -1;
    }

    /** Delivered by all machines that were heard of. */
    long messages() {
        return machines.values().stream().mapToLong(machine -> machine.last == null ? 0 : machine.last.messages()).sum();
    }

    /** What a machine does; it is one of the experiment. */
    Doing doing(String machine) {
        return machines.get(machine).doing;
    }

    /** What a machine that ran told last, or null. */
    MachineNews.Running last(String machine) {
        return machines.get(machine).last;
    }

    List<String> troubles() {
        return List.copyOf(troubles);
    }
}
