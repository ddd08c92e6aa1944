package org.foliofleet.node.mm.anon;

import java.util.ArrayList;
import java.util.List;
import java.util.TreeSet;
import org.foliofleet.node.mm.flow.Handlers;
import org.foliofleet.node.mm.flow.Owner;
import org.foliofleet.node.mm.flow.Turn;
import org.foliofleet.protocol.id.OwnerId.AnonVmaRootId;
import org.foliofleet.protocol.id.OwnerId.ProcessId;
import org.foliofleet.protocol.message.AnonVma;
import org.foliofleet.protocol.message.AnonVmaRootCommand;
import org.foliofleet.protocol.message.Command;

/** {@code anon_vma->root}: the family of VMAs that fork made of one, and the processes they belong to. */
public final class AnonVmaRoot extends Owner {
    private static final Handlers<AnonVmaRoot> HANDLERS = new Handlers<AnonVmaRoot>()
            .atomic(AnonVmaRootCommand.Join.class, AnonVmaRoot::join)
            .atomic(AnonVmaRootCommand.Fork.class, AnonVmaRoot::fork)
            .atomic(AnonVmaRootCommand.Leave.class, AnonVmaRoot::leave)
            .atomic(AnonVmaRootCommand.Members.class, AnonVmaRoot::members);

    private final TreeSet<Integer> processes = new TreeSet<>();
    private int lastId;

    public AnonVmaRoot(AnonVmaRootId id) {
        super(id);
    }

    public static Handlers<AnonVmaRoot> handlers() {
        return HANDLERS;
    }

    @Override
    protected Object handle(Command<?> command, Turn turn) {
        return HANDLERS.handle(this, command, turn);
    }

    private interface Event {
        void applyTo(AnonVmaRoot root);
    }

    private record Joined(int process) implements Event {
        @Override
        public void applyTo(AnonVmaRoot root) {
            root.processes.add(process);
        }
    }

    private record Left(int process) implements Event {
        @Override
        public void applyTo(AnonVmaRoot root) {
            root.processes.remove(process);
        }
    }

    private record Numbered(int id) implements Event {
        @Override
        public void applyTo(AnonVmaRoot root) {
            root.lastId = id;
        }
    }

    private Void join(AnonVmaRootCommand.Join join, Turn turn) {
        turn.emit(new Joined(join.process()));
        return null;
    }

    private Void leave(AnonVmaRootCommand.Leave leave, Turn turn) {
        turn.emit(new Left(leave.process()));
        return null;
    }

    private AnonVma fork(AnonVmaRootCommand.Fork fork, Turn turn) {
        int id = lastId + 1;
        turn.emit(new Numbered(id));
        turn.emit(new Joined(fork.child().number()));
        List<Integer> chain = new ArrayList<>(fork.parent().chain());
        chain.add(id);
        return new AnonVma((AnonVmaRootId) id(), id, chain);
    }

    private List<ProcessId> members(AnonVmaRootCommand.Members members, Turn turn) {
        List<ProcessId> all = new ArrayList<>();
        for (int process : processes) {
            all.add(new ProcessId(process));
        }
        return all;
    }

    /** Whether the process has a VMA in the family. */
    public boolean hasMember(int process) {
        return processes.contains(process);
    }

    @Override
    protected void apply(Object event) {
        ((Event) event).applyTo(this);
    }

    /** A family without members is none; a walk that comes too late makes an empty one, which goes with its turn. */
    @Override
    public boolean isGone() {
        return processes.isEmpty();
    }
}
