package org.foliofleet.node.mm.tick;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;
import java.util.TreeMap;
import java.util.function.BiConsumer;
import org.foliofleet.protocol.id.OwnerId;
import org.foliofleet.protocol.id.OwnerId.DriverId;
import org.foliofleet.protocol.message.Command;
import org.foliofleet.protocol.message.Envelope;
import org.foliofleet.protocol.message.Envelope.Rank;

/**
 * The due table: which owner has which messages in which tick. Its user begins a tick, gives everybody who is due a turn,
 * in whatever order, and then, in the order of the turns, routes what each has sent and ends its turn.
 *
 * @param <S> who gets the messages
 */
public final class Schedule<S extends Station> {
    /** Knows the stations. */
    @FunctionalInterface
    public interface Directory<S> {
        /** The owner's station, which comes to be if need be. */
        S station(OwnerId id);
    }

    /** The next tick when nothing is under way. */
    public static final long NEVER = Long.MAX_VALUE;

    /** The counters of a machine. */
    public record Progress(long tick, long driverSequence, long messages, long ticks) {}

    /** A message under way and the tick in which it is due. */
    public record Due(long tick, Envelope envelope) implements Comparable<Due> {
        @Override
        public int compareTo(Due other) {
            int order = Long.compare(tick, other.tick);
            order = order == 0 ? envelope.to().compareTo(other.envelope.to()) : order;
            return order == 0 ? envelope.compareTo(other.envelope) : order;
        }
    }

    private static final Comparator<Station> BY_KEY = Comparator.comparingLong(Station::key);

    private final Directory<S> directory;
    private final Answers answers = new Answers();
    /** Those with messages for the next tick. */
    private Station[] due = new Station[16];
    private int dueCount;
    /** Those whose turn it is, and their messages. */
    private Station[] turns = new Station[16];
    private Mailbox[] mailboxes = new Mailbox[16];
    private int turnCount;
    /** Messages for later ticks. */
    private final TreeMap<Long, List<Envelope>> later = new TreeMap<>();
    private long tick;
    private long driverSequence;
    private long messages;
    private long ticks;

    public Schedule(Directory<S> directory) {
        this.directory = directory;
    }

    public long tick() {
        return tick;
    }

    public Answers answers() {
        return answers;
    }

    /** Messages delivered so far. */
    public long messages() {
        return messages;
    }

    /** Ticks executed so far: those in which anybody was due. */
    public long ticks() {
        return ticks;
    }

    /** Begins with a station that another schedule may have known. */
    public void adopt(S station) {
        station.mailbox = null;
    }

    // -- messages ------------------------------------------------------------------------------------------------

    /** Delivers in the next tick. */
    public void send(Envelope envelope) {
        OwnerId to = envelope.to();
        if (to instanceof DriverId) {
            answers.add(envelope);
            return;
        }
        S station = directory.station(to);
        Mailbox mailbox = station.mailbox;
        if (mailbox == null) {
            mailbox = new Mailbox();
            station.mailbox = mailbox;
        }
        if (mailbox.isEmpty()) {
            if (dueCount == due.length) {
                due = Arrays.copyOf(due, dueCount * 2);
            }
            due[dueCount++] = station;
        }
        mailbox.add(envelope);
    }

    /** Delivers in that tick, or in the next if that is later. */
    public void sendAt(long atTick, Envelope envelope) {
        if (atTick <= tick + 1) {
            send(envelope);
        } else {
            later.computeIfAbsent(atTick, t -> new ArrayList<>()).add(envelope);
        }
    }

    /**
     * Asks an owner from outside.
     *
     * @return under which number the answer can be had
     */
    public long submit(OwnerId to, Command<?> command) {
        Envelope request = address(to, command);
        send(request);
        return request.flight();
    }

    /** The same request for whoever sends it by himself; {@link Envelope#flight} is its number. */
    public Envelope address(OwnerId to, Command<?> command) {
        long number = ++driverSequence;
        return new Envelope(to, new DriverId(), number, Rank.REQUEST, number, 0, command, 0);
    }

    /** Tells an owner something from outside. */
    public void notify(OwnerId to, Command<?> command) {
        send(new Envelope(to, new DriverId(), ++driverSequence, Rank.NOTICE, 0, 0, command, 0));
    }

    // -- ticks ---------------------------------------------------------------------------------------------------

    /** Whether no message is under way. */
    public boolean isQuiet() {
        return dueCount == 0 && later.isEmpty();
    }

    /** Whether all that is under way are wake-ups: nothing happens unless time passes. */
    public boolean isIdle() {
        if (dueCount > 0) {
            return false;
        }
        for (List<Envelope> envelopes : later.values()) {
            for (Envelope envelope : envelopes) {
                if (envelope.rank() != Rank.WAKE_UP) {
                    return false;
                }
            }
        }
        return true;
    }

    /** The next tick in which anybody is due; meaningless when nobody is. */
    public long nextTick() {
        return dueCount > 0 ? tick + 1 : later.firstKey();
    }

    /** The next tick in which anybody is due, {@link #NEVER} when nobody is. */
    public long nextDue() {
        return isQuiet() ? NEVER : nextTick();
    }

    /** Lets time pass in which nobody is due. */
    public void skipTo(long newTick) {
        tick = newTick;
    }

    /**
     * Begins the next tick in which anybody is due.
     *
     * @return how many are
     */
    public int begin() {
        return isQuiet() ? 0 : begin(nextTick());
    }

    /**
     * Begins that tick.
     *
     * @param newTick not later than the next in which anybody is due
     * @return how many are due in it, possibly none
     */
    public int begin(long newTick) {
        tick = newTick;
        ticks++;
        List<Envelope> arrived = later.remove(tick);
        if (arrived != null) {
            arrived.forEach(this::send);
        }
        Station[] free = turns;
        turns = due;
        due = free;
        turnCount = dueCount;
        dueCount = 0;
        Arrays.sort(turns, 0, turnCount, BY_KEY);
        if (mailboxes.length < turnCount) {
            mailboxes = new Mailbox[turns.length];
        }
        // All mailboxes are taken away first: what a turn sends to an owner whose turn is still to come is for the next tick.
        for (int i = 0; i < turnCount; i++) {
            mailboxes[i] = turns[i].mailbox;
            turns[i].mailbox = null;
        }
        return turnCount;
    }

    /** Whose turn it is, by key. */
    @SuppressWarnings("unchecked")
    public S station(int turn) {
        return (S) turns[turn];
    }

    /** The messages of that turn. */
    public Mailbox mailbox(int turn) {
        return mailboxes[turn];
    }

    /**
     * Ends a turn, when all it sent has been routed; turns end in their order.
     *
     * @param ended whether the owner wants to be forgotten
     * @return whether it may be: nobody whose turn was before sent it anything
     */
    public boolean end(int turn, boolean ended) {
        Station station = turns[turn];
        Mailbox mailbox = mailboxes[turn];
        turns[turn] = null;
        mailboxes[turn] = null;
        messages += mailbox.size();
        if (station.mailbox != null) {
            return false;
        }
        if (!ended && !mailbox.isSmall()) {
            mailbox.recycle();
            station.mailbox = mailbox;
        }
        return ended;
    }

    // -- state ---------------------------------------------------------------------------------------------------

    /** Visits the messages under way with the tick in which they are due. Between two ticks. */
    public void forEachMessage(BiConsumer<Long, Envelope> visitor) {
        for (int i = 0; i < dueCount; i++) {
            Mailbox mailbox = due[i].mailbox;
            int count = mailbox.size();
            for (int j = 0; j < count; j++) {
                visitor.accept(tick + 1, mailbox.get(j));
            }
        }
        later.forEach((at, envelopes) -> envelopes.forEach(envelope -> visitor.accept(at, envelope)));
    }

    /** The messages under way, in order. Between two ticks. */
    public List<Due> underWay() {
        List<Due> list = new ArrayList<>();
        forEachMessage((at, envelope) -> list.add(new Due(at, envelope)));
        Collections.sort(list);
        return list;
    }

    public Progress progress() {
        return new Progress(tick, driverSequence, messages, ticks);
    }

    /** Becomes the schedule of which these are the parts; this one is new. */
    public void restore(Progress progress, List<Due> underWay, List<Answers.Answer> untaken) {
        tick = progress.tick();
        driverSequence = progress.driverSequence();
        messages = progress.messages();
        ticks = progress.ticks();
        underWay.forEach(message -> sendAt(message.tick(), message.envelope()));
        untaken.forEach(answers::add);
    }
}
