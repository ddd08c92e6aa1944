package org.foliofleet.node.trace;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.foliofleet.node.trace.TraceEvent.Stamp;

/**
 * Runs the events of a trace on a {@link TraceTarget}: keeps the processes, which address space each uses, and hands
 * calls to {@link CallReplay} and faults to {@link FaultScore}.
 */
public final class TraceReplay implements Consumer<TraceEvent> {
    private final TraceTarget target;
    private final NotReplayed notReplayed;
    private final List<TraceProcess> all = new ArrayList<>();
    private final Map<Integer, TraceProcess> current = new HashMap<>();
    private final Mapper mapper;
    private final CallReplay calls;
    private final FaultScore score;

    /** @param seed draws the earlier-faulted pages that are read again */
    public TraceReplay(TraceTarget target, long seed, NotReplayed notReplayed) {
        this.target = target;
        this.notReplayed = notReplayed;
        TraceFiles files = new TraceFiles(target);
        this.mapper = new Mapper(target, files, notReplayed, all);
        this.calls = new CallReplay(target, mapper, files, notReplayed);
        this.score = new FaultScore(target, mapper, seed);
    }

    @Override
    public void accept(TraceEvent event) {
        TraceProcess known = current.get(event.stamp().pid());
        if (known != null && !(event instanceof TraceEvent.Fault)) {
            known.space.inFlight.ended(event.stamp().tid());
        }
        if (event instanceof TraceEvent.Fault fault) {
            score.fault(process(event.stamp()), fault);
        } else if (event instanceof TraceEvent.Call call) {
            TraceProcess process = process(event.stamp());
            process.observe(target);
            calls.replay(process, call);
        } else if (event instanceof TraceEvent.Image image) {
            mapper.image(process(event.stamp()), image);
        } else if (event instanceof TraceEvent.Fork fork) {
            fork(process(event.stamp()), fork);
        } else if (event instanceof TraceEvent.Exec) {
            exec(process(event.stamp()), event.stamp());
        } else if (event instanceof TraceEvent.Exit) {
            exit(process(event.stamp()));
        } else {
            process(event.stamp()).space.concurrent = true;
        }
    }

    private TraceProcess process(Stamp stamp) {
        TraceProcess process = current.get(stamp.pid());
        if (process == null) {
            process = add(stamp.pid(), stamp.comm(), new TraceSpace(target.spawn(stamp.comm())));
        }
        if (stamp.tid() == stamp.pid() && !stamp.comm().isEmpty()) {
            process.comm = stamp.comm();
        }
        return process;
    }

    private TraceProcess add(int pid, String comm, TraceSpace space) {
        TraceProcess process = new TraceProcess(pid, comm, space);
        all.add(process);
        current.put(pid, process);
        return process;
    }

    private void fork(TraceProcess parent, TraceEvent.Fork fork) {
        TraceProcess old = current.get(fork.child());
        if (old != null) {
            exit(old); // its end was not recorded and its pid is used again
        }
        TraceSpace space = parent.space;
        space.faulted.clear();
        if (fork.sharesMemory()) {
            space.users++;
            space.concurrent = true;
        } else {
            space = new TraceSpace(target.fork(space.id), space);
        }
        TraceProcess child = add(fork.child(), parent.comm, space);
        parent.descriptors.forEach((fd, file) -> child.descriptors.put(fd, file.copy()));
        child.observe(target);
    }

    private void exec(TraceProcess process, Stamp stamp) {
        process.observe(target);
        if (process.space.users > 1) {
            process.space.users--;
            process.space = new TraceSpace(target.spawn(stamp.comm()));
        } else {
            target.exec(process.space.id);
            process.space.forget();
        }
        process.space.complete = false; // until the recording shows what the program was loaded to
        process.memory = TraceTarget.Memory.NOTHING;
        process.peakRssKb = 0;
        process.copyOnWrite = CopyOnWrite.NONE;
    }

    private void exit(TraceProcess process) {
        if (!process.alive) {
            return;
        }
        process.observe(target);
        process.alive = false;
        current.remove(process.pid);
        if (--process.space.users == 0) {
            target.exit(process.space.id);
            process.space.forget();
        }
    }

    /** Memory of a living process now, null if there is no such process. */
    TraceTarget.Memory memory(int pid) {
        TraceProcess process = current.get(pid);
        if (process == null) {
            return null;
        }
        process.observe(target);
        return process.memory;
    }

    /** What became of the processes, in the order in which they appeared. */
    public List<TraceResult.ProcessResult> results() {
        List<TraceResult.ProcessResult> results = new ArrayList<>();
        for (TraceProcess process : all) {
            if (process.alive) {
                process.observe(target);
            }
            results.add(TraceResult.ProcessResult.of(process));
        }
        return results;
    }

    /** See {@link CallReplay#otherCalls()}. */
    public Map<String, Long> otherCalls() {
        return calls.otherCalls();
    }

    /** See {@link Mapper#assumedAreas()}. */
    public long assumedAreas() {
        return mapper.assumedAreas();
    }

    NotReplayed notReplayed() {
        return notReplayed;
    }
}
