package org.foliofleet.node.mm.flow;

import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import org.foliofleet.protocol.message.Command;

/**
 * One line for each command that an owner of kind {@code S} understands.
 *
 * @param <S> the owner
 */
public final class Handlers<S extends Owner> {
    /** What an owner does on a command. */
    @FunctionalInterface
    public interface Handler<S, C, R> {
        R handle(S state, C command, Turn turn);
    }

    private record Entry(Handler<?, ?, ?> handler, boolean atomic) {}

    private final Map<Class<?>, Entry> entries = new HashMap<>();

    /** An operation that may wait: reads and changes state in steps only. */
    public <R, C extends Command<R>> Handlers<S> flow(Class<C> type, Handler<S, C, R> handler) {
        entries.put(type, new Entry(handler, false));
        return this;
    }

    /** An operation that is one step: it may read, emit and send freely, but not ask or wait. */
    public <R, C extends Command<R>> Handlers<S> atomic(Class<C> type, Handler<S, C, R> handler) {
        entries.put(type, new Entry(handler, true));
        return this;
    }

    public Set<Class<?>> commands() {
        return entries.keySet();
    }

    @SuppressWarnings("unchecked")
    /** Runs the handler of the command. */
    public Object handle(S state, Command<?> command, Turn turn) {
        Entry entry = entries.get(command.getClass());
        if (entry == null) {
            throw new IllegalStateException(state.id() + " has no handler for " + command.getClass().getSimpleName());
        }
        Handler<S, Object, Object> handler = (Handler<S, Object, Object>) entry.handler;
        return entry.atomic ? turn.step(() -> handler.handle(state, command, turn)) : handler.handle(state, command, turn);
    }
}
