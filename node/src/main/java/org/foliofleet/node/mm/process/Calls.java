package org.foliofleet.node.mm.process;

import java.util.HashMap;
import java.util.Map;
import org.foliofleet.node.mm.flow.Turn;
import org.foliofleet.protocol.message.ProcessCommand.Execute;
import org.foliofleet.protocol.message.Userfault.Fill;
import org.foliofleet.protocol.program.CallResult;
import org.foliofleet.protocol.program.MemoryCall;

/** The system call table: one line for each call that a process may make. */
final class Calls {
    /** What a process does on a call. */
    @FunctionalInterface
    private interface Handler<C extends MemoryCall> {
        CallResult execute(Process process, C call, Turn turn);
    }

    private static final Map<Class<?>, Handler<MemoryCall>> TABLE = new HashMap<>();

    static {
        add(MemoryCall.Mmap.class, Mapping::mmap);
        add(MemoryCall.Munmap.class, Unmapping::munmap);
        add(MemoryCall.Mprotect.class, Protecting::mprotect);
        add(MemoryCall.Mremap.class, Remapping::mremap);
        add(MemoryCall.RelocateMoves.class, Relocating::setForAll);
        add(MemoryCall.OomScoreAdj.class, OomVictim::adjust);
        add(MemoryCall.Exec.class, (process, c, turn) -> ProcessLife.exec(process, turn));
        add(MemoryCall.Madvise.class, Advising::madvise);
        add(MemoryCall.Mlock.class, Mlock::mlock);
        add(MemoryCall.Munlock.class, Mlock::munlock);
        add(MemoryCall.MemWrite.class, UserAccess::memWrite);
        add(MemoryCall.Pin.class, Holds::pin);
        add(MemoryCall.Unpin.class, (process, c, turn) -> Holds.release(process, c.handle(), turn));
        add(MemoryCall.DmaWrite.class, Holds::dmaWrite);
        add(MemoryCall.GetRef.class, Holds::getRef);
        add(MemoryCall.PutRef.class, (process, c, turn) -> Holds.release(process, c.handle(), turn));
        add(MemoryCall.Read.class, Accesses::read);
        add(MemoryCall.Write.class, Accesses::write);
        add(MemoryCall.Fork.class, ProcessLife::fork);
        add(MemoryCall.Exit.class, (process, c, turn) -> ProcessLife.exit(process, turn));
        add(MemoryCall.Pwrite.class, FileCalls::pwrite);
        add(MemoryCall.Fallocate.class, FileCalls::fallocate);
        add(MemoryCall.PunchHole.class, FileCalls::punchHole);
        add(MemoryCall.Ftruncate.class, FileCalls::ftruncate);
        add(MemoryCall.UffdRegister.class, Userfaultfd::register);
        add(MemoryCall.UffdMonitor.class, UserfaultMonitor::set);
        add(MemoryCall.UffdUnregister.class, Userfaultfd::unregister);
        add(MemoryCall.UffdCopy.class, Userfaultfd::copy);
        add(MemoryCall.UffdZeropage.class, (process, c, turn) -> Userfaultfd.fill(process, c.range(), Fill.ZEROPAGE, false, null, turn));
        add(MemoryCall.UffdContinue.class, (process, c, turn) -> Userfaultfd.fill(process, c.range(), Fill.CONTINUE, false, null, turn));
        add(MemoryCall.UffdPoison.class, (process, c, turn) -> Userfaultfd.fill(process, c.range(), Fill.POISON, false, null, turn));
        add(MemoryCall.UffdWriteProtect.class, Userfaultfd::writeProtect);
        add(MemoryCall.UffdMove.class, UserfaultMoving::move);
        add(MemoryCall.Cpu.class, MemoryPolicies::cpu);
        add(MemoryCall.SetMempolicy.class, MemoryPolicies::setMempolicy);
        add(MemoryCall.Mbind.class, MemoryPolicies::mbind);
        add(MemoryCall.MigratePages.class, PageMigration::migratePages);
        add(MemoryCall.NumaScan.class, (process, c, turn) -> MemoryPolicies.numaScan(process, turn));
        add(MemoryCall.MovePages.class, PageMigration::movePages);
        add(MemoryCall.SetHomeNode.class, MemoryPolicies::setHomeNode);
        add(MemoryCall.Split.class, HugeSplitting::split);
    }

    private Calls() {}

    @SuppressWarnings("unchecked")
    private static <C extends MemoryCall> void add(Class<C> type, Handler<C> handler) {
        TABLE.put(type, (Handler<MemoryCall>) handler);
    }

    static CallResult execute(Process process, Execute execute, Turn turn) {
        MemoryCall call = execute.call();
        if (turn.isBeginning() && process.killed && !(call instanceof MemoryCall.Exit)) {
            return CallResult.KILLED;
        }
        Handler<MemoryCall> handler = TABLE.get(call.getClass());
        return handler == null ? new CallResult.Unsupported(call.getClass().getSimpleName()) : handler.execute(process, call, turn);
    }
}
