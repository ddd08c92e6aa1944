package org.foliofleet.node.mm.machine;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.BiConsumer;
import org.agrona.collections.Long2ObjectHashMap;
import org.foliofleet.node.mm.InvariantViolation;
import org.foliofleet.node.mm.CostTable;
import org.foliofleet.node.mm.KernelSettings;
import org.foliofleet.node.mm.Topology;
import org.foliofleet.node.mm.control.KernelControl;
import org.foliofleet.node.mm.flow.Flight;
import org.foliofleet.node.mm.flow.MachineContext;
import org.foliofleet.node.mm.flow.Outbox;
import org.foliofleet.node.mm.flow.Owner;
import org.foliofleet.node.mm.flow.Turn;
import org.foliofleet.node.mm.numa.NumaNode;
import org.foliofleet.node.mm.swap.Swap;
import org.foliofleet.node.mm.workload.Workload;
import org.foliofleet.protocol.experiment.WorkloadPlan;
import org.foliofleet.protocol.id.OwnerId;
import org.foliofleet.protocol.id.OwnerId.DriverId;
import org.foliofleet.protocol.id.OwnerId.NumaNodeId;
import org.foliofleet.protocol.id.OwnerId.ProcessId;
import org.foliofleet.protocol.message.Command;
import org.foliofleet.protocol.message.Envelope;
import org.foliofleet.protocol.message.Envelope.Rank;
import org.foliofleet.protocol.message.ProcessCommand;
import org.foliofleet.protocol.message.TaskContext;

/**
 * A whole simulated machine on one thread. Each tick every owner with messages takes its turn, in the order of the
 * owners' keys; what it sends arrives in the next tick or later.
 */
public final class Machine implements MachineContext, Outbox {
    private static final Comparator<Owner> BY_KEY = Comparator.comparingLong(Owner::key);

    private final Topology topology;
    private final Turn turn = new Turn(this, this);
    private final Long2ObjectHashMap<Owner> owners = new Long2ObjectHashMap<>();
    /** Owners with messages for the next tick. */
    private Owner[] due = new Owner[16];
    private int dueCount;
    private Owner[] running = new Owner[16];
    /** Messages for later ticks. */
    private final TreeMap<Long, List<Envelope>> later = new TreeMap<>();
    private final TreeMap<Long, Object> answers = new TreeMap<>();
    private final TreeMap<Long, Long> costs = new TreeMap<>();
    private KernelSettings settings;
    /** What all owners see from the next tick on. */
    private KernelSettings settingsToCome;
    private long tick;
    private long driverSequence;
    private long messages;
    private long events;
    private long ticks;
    private MachineListener listener;

    /** A machine without swap. */
    public Machine(Topology topology, KernelSettings settings) {
        this(topology, settings, 0);
    }

    /** @param swapPages room on the swap device, 0 for none */
    public Machine(Topology topology, KernelSettings settings, long swapPages) {
        this.topology = topology;
        settings(settings);
        for (int i = 0; i < topology.nodes().size(); i++) {
            add(new NumaNode(new NumaNodeId(i), topology.nodes().get(i).frames()));
        }
        add(new Swap(swapPages));
        add(new Namespace());
        add(new KernelControl());
    }

    // -- context -------------------------------------------------------------------------------------------------

    @Override
    public long tick() {
        return tick;
    }

    @Override
    public Topology topology() {
        return topology;
    }

    @Override
    public KernelSettings settings() {
        return settings;
    }

    /** Changes the kernel's settings between two ticks. */
    public void settings(KernelSettings newSettings) {
        settings = newSettings;
        settingsToCome = newSettings;
    }

    @Override
    public CostTable costs() {
        return CostTable.MEASURED;
    }

    /** Is told of every event, as it happens. */
    public void listener(MachineListener newListener) {
        listener = newListener;
    }

    // -- owners --------------------------------------------------------------------------------------------------

    public void add(Owner owner) {
        if (owners.put(owner.key(), owner) != null) {
            throw new InvariantViolation("there are two owners " + owner.id());
        }
    }

    /** The owner, or null if it does not exist (yet, or any more). */
    public Owner owner(OwnerId id) {
        return owners.get(id.key());
    }

    public NumaNode node(int number) {
        return (NumaNode) owners.get(new NumaNodeId(number).key());
    }

    public Swap swap() {
        return (Swap) owners.get(new OwnerId.SwapId().key());
    }

    public Namespace namespace() {
        return (Namespace) owners.get(new OwnerId.NamespaceId().key());
    }

    public KernelControl control() {
        return (KernelControl) owners.get(new OwnerId.KernelControlId().key());
    }

    /** The programs that run on this machine, or null if it was not {@linkplain #start started} with any. */
    public Workload workload() {
        return (Workload) owners.get(new OwnerId.WorkloadId().key());
    }

    /** Starts programs: they begin in the next tick. */
    public void start(WorkloadPlan plan) {
        add(new Workload(plan));
        send(new Envelope(new OwnerId.WorkloadId(), new DriverId(), ++driverSequence, Rank.NOTICE, 0, 0, new Workload.Begin(), 0));
    }

    /** All owners, by key. */
    public List<Owner> owners() {
        Collection<Owner> all = owners.values();
        List<Owner> sorted = new ArrayList<>(all);
        sorted.sort(BY_KEY);
        return sorted;
    }

    Collection<Owner> unsortedOwners() {
        return owners.values();
    }

    public int ownerCount() {
        return owners.size();
    }

    // -- messages ------------------------------------------------------------------------------------------------

    @Override
    public void send(Envelope envelope) {
        OwnerId to = envelope.to();
        if (to instanceof DriverId) {
            answers.put(envelope.flight(), envelope.payload() == null ? Void.TYPE : envelope.payload());
            costs.put(envelope.flight(), envelope.cost());
            return;
        }
        Owner owner = ownerOrNew(to);
        Mailbox mailbox = (Mailbox) owner.mailbox();
        if (mailbox == null) {
            mailbox = new Mailbox();
            owner.mailbox(mailbox);
        }
        if (mailbox.isEmpty()) {
            if (dueCount == due.length) {
                due = Arrays.copyOf(due, dueCount * 2);
            }
            due[dueCount++] = owner;
        }
        mailbox.add(envelope);
    }

    @Override
    public void sendAt(long atTick, Envelope envelope) {
        if (atTick <= tick + 1) {
            send(envelope);
        } else {
            later.computeIfAbsent(atTick, t -> new ArrayList<>()).add(envelope);
        }
    }

    @Override
    public void emitted(Owner owner, Object event) {
        events++;
        if (event instanceof KernelControl.SettingChanged changed) {
            settingsToCome = settingsToCome.with(changed.key(), changed.value());
        }
        if (listener != null) {
            listener.happened(tick, owner, event);
        }
    }

    /**
     * Asks an owner from outside.
     *
     * @return under which number the answer can be had
     */
    public long submit(OwnerId to, Command<?> command) {
        long number = ++driverSequence;
        send(new Envelope(to, new DriverId(), number, Rank.REQUEST, number, 0, command, 0));
        return number;
    }

    /** Takes answers to submitted requests. */
    @FunctionalInterface
    public interface AnswerSink {
        /**
         * One answer.
         *
         * @param number what {@link Machine#submit} gave
         * @param answer null if the reply is
         * @param cost   simulated nanoseconds
         */
        void answered(long number, Object answer, long cost);
    }

    /** Hands out the answers that came since, by number, and forgets them. */
    public void drainAnswers(AnswerSink sink) {
        while (!answers.isEmpty()) {
            Map.Entry<Long, Object> first = answers.pollFirstEntry();
            Long cost = costs.remove(first.getKey());
            sink.answered(first.getKey(), first.getValue() == Void.TYPE ? null : first.getValue(), cost == null ? 0 : cost);
        }
    }

    /** A new process without memory; it begins in the next tick. */
    public ProcessId spawn(String name, TaskContext task) {
        ProcessId id = namespace().spawn(name, this);
        send(new Envelope(id, new DriverId(), ++driverSequence, Rank.NOTICE, 0, 0, new ProcessCommand.Begin(null, task), 0));
        return id;
    }

    /** The answer, if it has come; it is then forgotten. Null if it has not. */
    public Object takeAnswer(long number) {
        costs.remove(number);
        return answers.remove(number);
    }

    /** Simulated nanoseconds that the answered request took; ask before {@link #takeAnswer}. */
    public long cost(long number) {
        return costs.getOrDefault(number, 0L);
    }

    /**
     * Asks an owner and runs the machine until nothing is in flight.
     *
     * @throws InvariantViolation if it falls quiet without having answered
     */
    @SuppressWarnings("unchecked")
    public <R> R request(OwnerId to, Command<R> command) {
        long number = submit(to, command);
        runUntilQuiet();
        Object answer = takeAnswer(number);
        if (answer == null) {
            throw new InvariantViolation("the machine is quiet, but this is unfinished: " + command + unfinished());
        }
        return answer == Void.TYPE ? null : (R) answer;
    }

    private String unfinished() {
        StringBuilder text = new StringBuilder();
        for (Owner owner : owners()) {
            for (Flight flight : owner.flights()) {
                text.append("\n  ").append(owner.id()).append(": ").append(flight);
            }
        }
        return text.toString();
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

    public void runUntilQuiet() {
        while (step()) {
            // every step is a tick
        }
    }

    /** Runs until the tick has been reached or nothing is under way. */
    public void runUntil(long endTick) {
        while (!isQuiet() && nextTick() <= endTick) {
            step();
        }
        tick = Math.max(tick, endTick);
    }

    /** The next tick in which anybody is due; meaningless when nobody is. */
    public long nextTick() {
        return dueCount > 0 ? tick + 1 : later.firstKey();
    }

    /**
     * Runs a tick: what was submitted since the last and what is due in it.
     *
     * @param atTick later than the last, not later than {@link #nextTick} unless something was submitted for it
     */
    public void execute(long atTick) {
        tick = atTick - 1;
        if (!isQuiet() && nextTick() == atTick) {
            step();
        }
        tick = atTick;
    }

    /**
     * Runs the next tick in which anybody is due.
     *
     * @return false if nobody is
     */
    public boolean step() {
        if (isQuiet()) {
            return false;
        }
        tick = nextTick();
        List<Envelope> arrived = later.remove(tick);
        if (arrived != null) {
            arrived.forEach(this::send);
        }
        Owner[] turns = due;
        int count = dueCount;
        due = running;
        running = turns;
        dueCount = 0;
        Arrays.sort(turns, 0, count, BY_KEY);
        // All mailboxes are taken away first: what a turn sends to an owner whose turn is still to come is for the next tick.
        Mailbox[] mailboxes = new Mailbox[count];
        for (int i = 0; i < count; i++) {
            mailboxes[i] = (Mailbox) turns[i].mailbox();
            turns[i].mailbox(null);
        }
        for (int i = 0; i < count; i++) {
            takeTurn(turns[i], mailboxes[i]);
            turns[i] = null;
        }
        settings = settingsToCome;
        ticks++;
        return true;
    }

    private void takeTurn(Owner owner, Mailbox mailbox) {
        int count = mailbox.sort();
        messages += count;
        for (int i = 0; i < count; i++) {
            turn.deliver(owner, mailbox.get(i));
        }
        if (owner.isGone() && owner.flights().isEmpty() && owner.mailbox() == null) {
            owners.remove(owner.key());
        } else if (owner.mailbox() == null) {
            mailbox.recycle();
            owner.mailbox(mailbox.isSmall() ? null : mailbox);
        }
    }

    // -- digest and snapshots ------------------------------------------------------------------------------------

    /**
     * A fingerprint of all that decides what the machine will do: the state of all owners, unfinished operations, messages
     * under way, settings and tick. Sixteen hexadecimal digits, the same in every JVM.
     */
    public String digest() {
        return MachineImage.digest(this);
    }

    /** All that decides what the machine will do, as bytes. Between two ticks. */
    public byte[] snapshot() {
        return MachineImage.write(this);
    }

    /**
     * The machine that was written; it goes on as the other would have.
     *
     * @throws org.foliofleet.protocol.serial.DecodingException if the bytes are no snapshot of this version
     */
    public static Machine restore(byte[] snapshot) {
        return MachineImage.read(snapshot);
    }

    /** Visits the messages under way with the tick in which they are due. */
    void forEachMessage(BiConsumer<Long, Envelope> visitor) {
        for (int i = 0; i < dueCount; i++) {
            Mailbox mailbox = (Mailbox) due[i].mailbox();
            int count = mailbox.size();
            for (int j = 0; j < count; j++) {
                visitor.accept(tick + 1, mailbox.get(j));
            }
        }
        later.forEach((at, envelopes) -> envelopes.forEach(envelope -> visitor.accept(at, envelope)));
    }

    /** The counters of a machine beside its owners and messages. */
    record Progress(long tick, long driverSequence, long messages, long events, long ticks) {}

    List<MachineImage.Answer> answers() {
        List<MachineImage.Answer> list = new ArrayList<>();
        answers.forEach((number, value) -> list.add(new MachineImage.Answer(number, value == Void.TYPE ? null : value,
                costs.getOrDefault(number, 0L))));
        return list;
    }

    void answer(MachineImage.Answer answer) {
        answers.put(answer.number(), answer.value() == null ? Void.TYPE : answer.value());
        costs.put(answer.number(), answer.cost());
    }

    Progress progress() {
        return new Progress(tick, driverSequence, messages, events, ticks);
    }

    void progress(Progress progress) {
        tick = progress.tick();
        driverSequence = progress.driverSequence();
        messages = progress.messages();
        events = progress.events();
        ticks = progress.ticks();
    }

    /** The owner, which comes to be if need be. */
    Owner ownerOrNew(OwnerId id) {
        Owner owner = owners.get(id.key());
        if (owner == null) {
            owner = OwnerFactory.create(id);
            owners.put(id.key(), owner);
        }
        return owner;
    }

    /** Messages delivered so far. */
    public long messages() {
        return messages;
    }

    /** Ticks executed so far: those in which anybody was due. */
    public long ticks() {
        return ticks;
    }

    public long eventCount() {
        return events;
    }

    /** Counters of all nodes, by the names of recordings. */
    public Map<String, Long> counters() {
        Map<String, Long> sums = new TreeMap<>();
        for (int i = 0; i < topology.nodes().size(); i++) {
            node(i).statistics().addTo(sums);
        }
        return sums;
    }
}
