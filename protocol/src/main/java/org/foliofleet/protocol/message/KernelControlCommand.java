package org.foliofleet.protocol.message;

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
}
