package org.foliofleet.node.mm.khugepaged;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import org.foliofleet.node.mm.flow.Handlers;
import org.foliofleet.node.mm.flow.Owner;
import org.foliofleet.node.mm.flow.Turn;
import org.foliofleet.protocol.id.OwnerId.KhugepagedId;
import org.foliofleet.protocol.message.Collapse;
import org.foliofleet.protocol.message.Collapse.Attempted;
import org.foliofleet.protocol.message.Collapse.Result;
import org.foliofleet.protocol.message.Command;

/** {@code struct khugepaged_scan} and what the daemon does, where {@code khugepaged.run} lets it; the count of all collapses besides. */
public final class Khugepaged extends Owner {
    private static final Handlers<Khugepaged> HANDLERS = new Handlers<Khugepaged>()
            .atomic(Attempted.class, Khugepaged::attempted)
            .atomic(Collapse.Listed.class, MmSlots::enter)
            .flow(Collapse.Leave.class, MmSlots::leave)
            .atomic(Collapse.StartDaemon.class, Daemon::start)
            .flow(Collapse.Wake.class, Daemon::wake);

    /** {@code mm_head}: processes in the order in which they came. */
    final List<Integer> slots = new ArrayList<>();
    /** The process that is being scanned, or that the next wake-up goes on with; 0 at the head of the list. */
    int cursor;
    /** First page to look at there. */
    long address;
    /** A request to scan that process is under way. */
    boolean scanning;
    /** That process ends. */
    boolean leaving;
    /** The daemon is awake, or sleeps until its next scan. */
    boolean running;
    long fullScans;
    long pagesCollapsed;
    /** How attempts ended: those of khugepaged, and those of MADV_COLLAPSE. */
    final TreeMap<Result, Long> ofDaemon = new TreeMap<>();
    final TreeMap<Result, Long> ofAdvice = new TreeMap<>();

    public Khugepaged() {
        super(new KhugepagedId());
    }

    public static Handlers<Khugepaged> handlers() {
        return HANDLERS;
    }

    @Override
    protected Object handle(Command<?> command, Turn turn) {
        return HANDLERS.handle(this, command, turn);
    }

    @Override
    protected void apply(Object event) {
        ((KhugepagedEvent) event).applyTo(this);
    }

    /** {@code khugepaged/full_scans}: how often the daemon came to the end of its list. */
    public long fullScans() {
        return fullScans;
    }

    /** {@code khugepaged/pages_collapsed} as far as the daemon did it. */
    public long pagesCollapsed() {
        return pagesCollapsed;
    }

    /** Processes that the daemon scans, in its order. */
    public List<Integer> slots() {
        return Collections.unmodifiableList(slots);
    }

    /**
     * How attempts on blocks ended.
     *
     * @param khugepaged those of khugepaged, otherwise those of MADV_COLLAPSE
     * @return by result, in small letters
     */
    public Map<String, Long> attempts(boolean khugepaged) {
        Map<String, Long> all = new TreeMap<>();
        (khugepaged ? ofDaemon : ofAdvice).forEach((result, count) -> all.put(result.name().toLowerCase(Locale.ROOT), count));
        return all;
    }

    private static Void attempted(Khugepaged khugepaged, Attempted attempted, Turn turn) {
        turn.emit(new Counted(attempted.khugepaged(), attempted.result()));
        return null;
    }

    private record Counted(boolean khugepaged, Result result) implements KhugepagedEvent {
        @Override
        public void applyTo(Khugepaged owner) {
            (khugepaged ? owner.ofDaemon : owner.ofAdvice).merge(result, 1L, Long::sum);
        }
    }
}
