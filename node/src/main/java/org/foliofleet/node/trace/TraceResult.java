package org.foliofleet.node.trace;

import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * What came of replaying a trace.
 *
 * @param digest         of the final state of the model
 * @param thp            the THP mode used
 * @param thpReason      why that one
 * @param processes      in order of appearance
 * @param samples        comparisons with the recorded sizes, in order of time
 * @param lostSamples    recorded sizes of processes that the trace does not have at that time
 * @param notReplayed    what the model was not told, by name
 * @param otherCalls     calls that have nothing to do with memory, by name
 * @param assumedAreas   areas in use that were mapped before the recording began, taken for anonymous memory
 */
public record TraceResult(String digest, String thp, String thpReason, List<ProcessResult> processes,
        List<SampleResult> samples,
        long lostSamples, SortedMap<String, Long> notReplayed, Map<String, Long> otherCalls, long assumedAreas) {

    /**
     * One process.
     *
     * @param vmas       number of areas at its end, or at the end of the trace
     * @param rssKb      then, in KiB; so are the others
     * @param peakRssKb  most since its last exec
     * @param signals    agreed faults that end in a signal in the model
     * @param overlapping agreed faults on a page that another fault, not yet resolved, was about to map
     * @param copyOnWrite while a fork shared its memory, since its last exec
     * @param disagreements what the recorded faults were that met a mapped page
     */
    public record ProcessResult(int pid, String comm, long syscallsReplayed, long recordedFaults, long agreedFaults,
            long harmlessFaults, long signals, long overlapping, int vmas, long rssKb, long anonKb, long anonHugeKb,
            long peakRssKb, CopyOnWrite copyOnWrite,
            SortedMap<String, Long> disagreements) {
        static ProcessResult of(TraceProcess p) {
            return new ProcessResult(p.pid, p.comm, p.callsReplayed, p.recordedFaults, p.agreedFaults, p.harmlessFaults,
                    p.signalFaults, p.overlappingFaults, p.memory.vmas(), p.memory.rssKb(), p.memory.anonKb(),
                    p.memory.anonHugeKb(),
                    p.peakRssKb, p.copyOnWrite,
                    new TreeMap<>(p.disagreements));
        }

        /** Share of the recorded faults the model takes too, 1 without any. */
        public double agreement() {
            return recordedFaults == 0 ? 1 : (double) agreedFaults / recordedFaults;
        }

        /** Faults on pages known to be mapped, as a share of the recorded faults. */
        public double harmless() {
            return recordedFaults == 0 ? 0 : (double) harmlessFaults / recordedFaults;
        }

        /** Share of the anonymous memory in huge pages, 0 without any. */
        public double thpCoverage() {
            return anonKb == 0 ? 0 : (double) anonHugeKb / anonKb;
        }
    }

    /** A recorded size and the model's, in KiB; {@code time} in seconds. */
    public record SampleResult(double time, int pid, String comm, long rssKb, long modelRssKb, long anonHugeKb,
            long modelAnonHugeKb, long anonKb, long modelAnonKb) {
        /** Within 5 % or 512 KiB of Rss. */
        public boolean rssAgrees() {
            long difference = Math.abs(rssKb - modelRssKb);
            return difference <= 512 || difference * 20 <= rssKb;
        }

        /** Within 2 MiB of AnonHugePages. */
        public boolean anonHugeAgrees() {
            return Math.abs(anonHugeKb - modelAnonHugeKb) <= 2048;
        }
    }

    public long recordedFaults() {
        return processes.stream().mapToLong(ProcessResult::recordedFaults).sum();
    }

    public long agreedFaults() {
        return processes.stream().mapToLong(ProcessResult::agreedFaults).sum();
    }

    public long harmlessFaults() {
        return processes.stream().mapToLong(ProcessResult::harmlessFaults).sum();
    }

    public long syscallsReplayed() {
        return processes.stream().mapToLong(ProcessResult::syscallsReplayed).sum();
    }
}
