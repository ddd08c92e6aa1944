package org.foliofleet.node.mm.machine;

import org.foliofleet.protocol.id.OwnerId.NumaNodeId;
import org.foliofleet.protocol.message.AddressSpaceCommand;
import org.foliofleet.protocol.message.FolioCommand;
import org.foliofleet.protocol.program.CallResult;
import org.foliofleet.protocol.program.MachineCall;

/** What is done to a machine as a whole, from outside: each call runs until nothing is in flight. */
public final class MachineCalls {
    /**
     * Passes of the slab shrinkers that one write to {@code drop_caches} makes: other caches keep it going, so that the
     * deferred-split shrinker is called again for what it could not split (R8.13, C5.b).
     */
    private static final int DROP_SLAB_PASSES = 3;

    private MachineCalls() {}

    /** Executes the call. */
    public static CallResult execute(Machine machine, MachineCall call) {
        if (call instanceof MachineCall.Set set) {
            try {
                machine.settings(machine.settings().with(set.key(), set.value()));
                return CallResult.OK;
            } catch (IllegalArgumentException e) {
                return new CallResult.Unsupported(e.getMessage());
            }
        }
        if (call instanceof MachineCall.ShrinkSlab) {
            return shrinkSlab(machine);
        }
        if (call instanceof MachineCall.SplitFile split) {
            machine.request(machine.namespace().file(split.file()), new AddressSpaceCommand.SplitHuge(split.range(), split.order(), split.offset()));
            return CallResult.OK;
        }
        return new CallResult.Unsupported(call.getClass().getSimpleName());
    }

    /** {@code drop_slab()}. */
    private static CallResult shrinkSlab(Machine machine) {
        boolean progress = true;
        for (int pass = 0; pass < DROP_SLAB_PASSES || progress; pass++) {
            progress = false;
            for (int node = 0; node < machine.topology().nodes().size(); node++) {
                progress |= machine.request(new NumaNodeId(node), new FolioCommand.ShrinkDeferred()) > 0;
            }
        }
        return CallResult.OK;
    }
}
