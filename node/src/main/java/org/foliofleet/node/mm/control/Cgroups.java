package org.foliofleet.node.mm.control;

import org.foliofleet.node.mm.flow.Turn;
import org.foliofleet.protocol.id.OwnerId.MemcgId;
import org.foliofleet.protocol.id.OwnerId.NamespaceId;
import org.foliofleet.protocol.message.Memcg;
import org.foliofleet.protocol.message.NamespaceCommand;
import org.foliofleet.protocol.program.CallResult;
import org.foliofleet.protocol.program.Errno;
import org.foliofleet.protocol.program.MachineCall;

/** {@code mem_cgroup_css_alloc()}, mm/memcontrol.c: cgroups come to be, all of them children of the root. */
final class Cgroups {
    private Cgroups() {}

    static CallResult create(MachineCall.CreateCgroup call, Turn turn) {
        Integer number = turn.ask(new NamespaceId(), new NamespaceCommand.CreateCgroup(call.name()));
        if (number == null) {
            return new CallResult.Failed(Errno.EEXIST);
        }
        if (call.max() > 0) {
            turn.ask(new MemcgId(number), new Memcg.Begin(call.name(), call.max()));
        }
        return CallResult.OK;
    }
}
