package org.foliofleet.protocol.program;

import org.foliofleet.protocol.id.PageRange;

/** Fills the places into a call that was written without them. */
public final class CallTemplate {
    /** The range of a call whose place is drawn later. */
    public static final PageRange PLACE = new PageRange(0, 0);

    private CallTemplate() {}

    /**
     * The call at a place.
     *
     * @param at where; null if the call has no place
     * @param to the second place of {@code mremap} (or null: in place, same size) and of {@code uffd-move}
     */
    static MemoryCall fill(MemoryCall call, PageRange at, PageRange to) {
        if (at == null) {
            return call;
        }
        if (call instanceof MemoryCall.Mmap c) {
            return new MemoryCall.Mmap(at, c.protection(), c.shared(), c.backing(), c.flags());
        } else if (call instanceof MemoryCall.Munmap) {
            return new MemoryCall.Munmap(at);
        } else if (call instanceof MemoryCall.Mprotect c) {
            return new MemoryCall.Mprotect(at, c.protection());
        } else if (call instanceof MemoryCall.Madvise c) {
            return new MemoryCall.Madvise(at, c.advice());
        } else if (call instanceof MemoryCall.Mlock c) {
            return new MemoryCall.Mlock(at, c.onFault());
        } else if (call instanceof MemoryCall.Munlock) {
            return new MemoryCall.Munlock(at);
        } else if (call instanceof MemoryCall.Mremap c) {
            return fillMremap(c, at, to);
        } else if (call instanceof MemoryCall.Read) {
            return new MemoryCall.Read(at);
        } else if (call instanceof MemoryCall.Write c) {
            return new MemoryCall.Write(at, c.content());
        } else if (call instanceof MemoryCall.MemWrite c) {
            return new MemoryCall.MemWrite(at, c.content());
        } else if (call instanceof MemoryCall.Pin c) {
            return new MemoryCall.Pin(c.handle(), at, c.holdNanos());
        } else if (call instanceof MemoryCall.GetRef c) {
            return new MemoryCall.GetRef(c.handle(), at);
        } else if (call instanceof MemoryCall.PunchHole c) {
            return new MemoryCall.PunchHole(c.file(), at);
        } else if (call instanceof MemoryCall.Fallocate c) {
            return new MemoryCall.Fallocate(c.file(), at);
        } else if (call instanceof MemoryCall.Ftruncate c) {
            return new MemoryCall.Ftruncate(c.file(), at.count());
        } else if (call instanceof MemoryCall.Pwrite c) {
            return new MemoryCall.Pwrite(c.file(), at, c.content());
        } else if (call instanceof MemoryCall.Mbind c) {
            return new MemoryCall.Mbind(at, c.policy(), c.flags());
        } else if (call instanceof MemoryCall.SetHomeNode c) {
            return new MemoryCall.SetHomeNode(at, c.node());
        } else if (call instanceof MemoryCall.MovePages c) {
            return new MemoryCall.MovePages(at, c.node(), c.all());
        } else if (call instanceof MemoryCall.Split c) {
            return new MemoryCall.Split(at, c.order(), c.offset());
        }
        return fillUffd(call, at, to);
    }

    private static MemoryCall fillMremap(MemoryCall.Mremap call, PageRange at, PageRange to) {
        long newStart = to != null && call.newStart() >= 0 ? to.start() : -1;
        long newCount = to != null && to.count() > 0 ? to.count() : at.count();
        return new MemoryCall.Mremap(at, newCount, newStart, call.mayMove(), call.dontUnmap(), call.relocate());
    }

    private static MemoryCall fillUffd(MemoryCall call, PageRange at, PageRange to) {
        if (call instanceof MemoryCall.UffdRegister c) {
            return new MemoryCall.UffdRegister(at, c.modes());
        } else if (call instanceof MemoryCall.UffdUnregister) {
            return new MemoryCall.UffdUnregister(at);
        } else if (call instanceof MemoryCall.UffdCopy c) {
            return new MemoryCall.UffdCopy(at, c.writeProtect(), c.content());
        } else if (call instanceof MemoryCall.UffdZeropage) {
            return new MemoryCall.UffdZeropage(at);
        } else if (call instanceof MemoryCall.UffdContinue) {
            return new MemoryCall.UffdContinue(at);
        } else if (call instanceof MemoryCall.UffdPoison) {
            return new MemoryCall.UffdPoison(at);
        } else if (call instanceof MemoryCall.UffdWriteProtect c) {
            return new MemoryCall.UffdWriteProtect(at, c.protect());
        } else if (call instanceof MemoryCall.UffdMove) {
            return new MemoryCall.UffdMove(at.start(), to.start(), at.count());
        }
        throw new IllegalArgumentException("a call without a place was given one: " + call);
    }
}
