/**
 * Traces of real programs: reads what {@code perf script} and {@code strace} recorded, replays it against a model of
 * memory and scores the model by the faults and resident sizes of the recording.
 *
 * <p>The road of an event: {@link TraceInput} opens the file and finds its kind; {@link PerfScriptReader} or
 * {@link StraceReader} reads lines; {@link EventOrder} puts calls where they took effect; {@link TraceReplay} runs the
 * events on a {@link TraceTarget}; {@link FaultScore} and {@link SampleComparer} judge; {@link TraceRun} is the way in.
 */
package org.foliofleet.node.trace;
