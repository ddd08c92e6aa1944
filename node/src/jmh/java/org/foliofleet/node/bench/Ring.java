package org.foliofleet.node.bench;

import org.foliofleet.node.mm.KernelSettings;
import org.foliofleet.node.mm.Topology;
import org.foliofleet.node.mm.flow.Handlers;
import org.foliofleet.node.mm.flow.Owner;
import org.foliofleet.node.mm.flow.Turn;
import org.foliofleet.node.mm.machine.Machine;
import org.foliofleet.protocol.id.OwnerId;
import org.foliofleet.protocol.id.OwnerId.VmaId;
import org.foliofleet.protocol.message.Command;

/** Owners that pass tokens on for ever, each to one owner near and far in turns, like PHOLD: what a machine does without a model. */
public final class Ring {
    /** A token on its way. */
    public record Token(long hops) implements Command<Void> {}

    /** What a station keeps: how many tokens it saw. */
    private static final class Station extends Owner {
        private static final Handlers<Station> HANDLERS = new Handlers<Station>().atomic(Token.class, Station::pass);

        private record Seen(long hops) {}

        private final transient OwnerId near;
        private final transient OwnerId far;
        private long seen;

        Station(OwnerId id, OwnerId near, OwnerId far) {
            super(id);
            this.near = near;
            this.far = far;
        }

        private Void pass(Token token, Turn turn) {
            turn.emit(new Seen(token.hops()));
            turn.send((token.hops() & 1) == 0 ? near : far, new Token(token.hops() + 1));
            return null;
        }

        @Override
        protected Object handle(Command<?> command, Turn turn) {
            return HANDLERS.handle(this, command, turn);
        }

        @Override
        protected void apply(Object event) {
            seen++;
        }
    }

    private Ring() {}

    /** A machine of that many stations with a token each. */
    static Machine machine(int stations) {
        return machine(stations, 1);
    }

    /** The same with stations that are VMAs of so many processes. */
    public static Machine machine(int stations, int processes) {
        Machine machine = new Machine(Topology.oneNode(1024), new KernelSettings());
        VmaId[] ids = new VmaId[stations];
        for (int i = 0; i < stations; i++) {
            ids[i] = new VmaId(1 + i % processes, i);
        }
        for (int i = 0; i < stations; i++) {
            machine.add(new Station(ids[i], near(ids, i), far(ids, i)));
        }
        for (VmaId id : ids) {
            machine.submit(id, new Token(id.serial()));
        }
        return machine;
    }

    private static VmaId near(VmaId[] ids, int i) {
        return ids[(i + 1) % ids.length];
    }

    private static VmaId far(VmaId[] ids, int i) {
        return ids[(int) ((i * 7919L + 13) % ids.length)];
    }
}
