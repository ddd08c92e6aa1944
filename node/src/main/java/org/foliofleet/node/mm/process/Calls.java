package org.foliofleet.node.mm.process;

import org.foliofleet.node.mm.flow.Turn;
import org.foliofleet.protocol.message.ProcessCommand.Execute;
import org.foliofleet.protocol.message.Userfault.Fill;
import org.foliofleet.protocol.program.CallResult;
import org.foliofleet.protocol.program.MemoryCall;

/** The system call table. */
final class Calls {
    private Calls() {}

    static CallResult execute(Process process, Execute execute, Turn turn) {
        MemoryCall call = execute.call();
        if (call instanceof MemoryCall.Mmap c) {
            return Mapping.mmap(process, c, turn);
        }
        if (call instanceof MemoryCall.Munmap c) {
            return Unmapping.munmap(process, c, turn);
        }
        if (call instanceof MemoryCall.Mprotect c) {
            return Protecting.mprotect(process, c, turn);
        }
        if (call instanceof MemoryCall.Mremap c) {
            return Remapping.mremap(process, c, turn);
        }
        if (call instanceof MemoryCall.Exec) {
            return ProcessLife.exec(process, turn);
        }
        if (call instanceof MemoryCall.Madvise c) {
            return Advising.madvise(process, c, turn);
        }
        if (call instanceof MemoryCall.Mlock c) {
            return Mlock.mlock(process, c, turn);
        }
        if (call instanceof MemoryCall.Munlock c) {
            return Mlock.munlock(process, c, turn);
        }
        if (call instanceof MemoryCall.MemWrite c) {
            return UserAccess.memWrite(process, c, turn);
        }
        if (call instanceof MemoryCall.Pin c) {
            return Holds.pin(process, c, turn);
        }
        if (call instanceof MemoryCall.Unpin c) {
            return Holds.release(process, c.handle(), turn);
        }
        if (call instanceof MemoryCall.GetRef c) {
            return Holds.getRef(process, c, turn);
        }
        if (call instanceof MemoryCall.PutRef c) {
            return Holds.release(process, c.handle(), turn);
        }
        if (call instanceof MemoryCall.Read c) {
            return Accesses.read(process, c, turn);
        }
        if (call instanceof MemoryCall.Write c) {
            return Accesses.write(process, c, turn);
        }
        if (call instanceof MemoryCall.Fork c) {
            return ProcessLife.fork(process, c, turn);
        }
        if (call instanceof MemoryCall.Exit) {
            return ProcessLife.exit(process, turn);
        }
        if (call instanceof MemoryCall.Pwrite c) {
            return FileCalls.pwrite(process, c, turn);
        }
        if (call instanceof MemoryCall.Fallocate c) {
            return FileCalls.fallocate(process, c, turn);
        }
        if (call instanceof MemoryCall.PunchHole c) {
            return FileCalls.punchHole(process, c, turn);
        }
        if (call instanceof MemoryCall.Ftruncate c) {
            return FileCalls.ftruncate(process, c, turn);
        }
        if (call instanceof MemoryCall.UffdRegister c) {
            return Userfaultfd.register(process, c, turn);
        }
        if (call instanceof MemoryCall.UffdUnregister c) {
            return Userfaultfd.unregister(process, c, turn);
        }
        if (call instanceof MemoryCall.UffdCopy c) {
            return Userfaultfd.copy(process, c, turn);
        }
        if (call instanceof MemoryCall.UffdZeropage c) {
            return Userfaultfd.fill(process, c.range(), Fill.ZEROPAGE, false, null, turn);
        }
        if (call instanceof MemoryCall.UffdContinue c) {
            return Userfaultfd.fill(process, c.range(), Fill.CONTINUE, false, null, turn);
        }
        if (call instanceof MemoryCall.UffdPoison c) {
            return Userfaultfd.fill(process, c.range(), Fill.POISON, false, null, turn);
        }
        if (call instanceof MemoryCall.UffdWriteProtect c) {
            return Userfaultfd.writeProtect(process, c, turn);
        }
        if (call instanceof MemoryCall.UffdMove c) {
            return UserfaultMoving.move(process, c, turn);
        }
        if (call instanceof MemoryCall.Cpu c) {
            return MemoryPolicies.cpu(process, c, turn);
        }
        if (call instanceof MemoryCall.SetMempolicy c) {
            return MemoryPolicies.setMempolicy(process, c, turn);
        }
        if (call instanceof MemoryCall.Mbind c) {
            return MemoryPolicies.mbind(process, c, turn);
        }
        if (call instanceof MemoryCall.MigratePages c) {
            return PageMigration.migratePages(process, c, turn);
        }
        if (call instanceof MemoryCall.NumaScan) {
            return MemoryPolicies.numaScan(process, turn);
        }
        if (call instanceof MemoryCall.MovePages c) {
            return PageMigration.movePages(process, c, turn);
        }
        if (call instanceof MemoryCall.SetHomeNode c) {
            return MemoryPolicies.setHomeNode(process, c, turn);
        }
        if (call instanceof MemoryCall.Split c) {
            return HugeSplitting.split(process, c, turn);
        }
        return new CallResult.Unsupported(call.getClass().getSimpleName());
    }
}
