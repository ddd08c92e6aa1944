package org.foliofleet.node.trace;

import java.util.HashMap;
import java.util.Map;
import java.util.TreeMap;

/** One process of a trace: whose memory it uses, and the score of the model on it. */
final class TraceProcess {
    final int pid;
    String comm;
    TraceSpace space;
    /** Files this process knows by descriptor. */
    final Map<Integer, TraceFiles.Descriptor> descriptors = new HashMap<>();

    long recordedFaults;
    long agreedFaults;
    long signalFaults;
    long overlappingFaults;
    long harmlessFaults;
    long callsReplayed;
    CopyOnWrite copyOnWrite = CopyOnWrite.NONE;
    long peakRssKb;
    boolean alive = true;
    TraceTarget.Memory memory = TraceTarget.Memory.NOTHING;
    /** Unexpectedly mapped pages by what they are, for the explanation of a low agreement. */
    final Map<String, Long> disagreements = new TreeMap<>();

    TraceProcess(int pid, String comm, TraceSpace space) {
        this.pid = pid;
        this.comm = comm;
        this.space = space;
    }

    /** Notes what the memory is now; Rss falls only in calls, exec and exit, so asking before each finds the peak. */
    void observe(TraceTarget target) {
        memory = target.memory(space.id);
        peakRssKb = Math.max(peakRssKb, memory.rssKb());
    }
}
