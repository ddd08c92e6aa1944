package org.foliofleet.protocol.message;

import java.util.List;
import org.foliofleet.protocol.id.OwnerId.ProcessId;
import org.foliofleet.protocol.program.CallResult;
import org.foliofleet.protocol.program.MachineCall;

/**
 * What may be asked of a kernel as a whole, through {@code /proc} and {@code /sys}.
 *
 * @param <R> the reply
 */
public interface KernelControlCommand<R> extends Command<R> {
    /** Somebody with the rights to do so does this to the machine. */
    record Execute(MachineCall call) implements KernelControlCommand<CallResult> {}

    /**
     * {@code out_of_memory()}: reclaim makes no progress (R10.17).
     *
     * @param mm    the process that waits for memory, 0 for none
     * @param nodes where; none if a cgroup is at its limit
     * @param cgroup whose processes may be killed, {@link Memcg#ALL} for any
     */
    record OutOfMemory(int mm, List<Integer> nodes, int cgroup) implements KernelControlCommand<OutOfMemory.Verdict> {
        /** What who asks is to do. */
        public enum Verdict {
            /** Somebody was killed, or is dying: there will be memory. */
            WAIT,
            /** It is to die itself: it gets no memory. */
            DIE,
            /** There is nobody who could be killed. */
            FAIL
        }
    }

    /** The reaper has taken the memory of a process that was killed. */
    record Reaped(ProcessId process) implements KernelControlCommand<Void> {}
}
