package org.foliofleet.node.mm.machine;

import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.BiConsumer;
import org.agrona.collections.Long2ObjectHashMap;
import org.foliofleet.node.mm.InvariantViolation;
import org.foliofleet.node.mm.KernelSettings;
import org.foliofleet.node.mm.Topology;
import org.foliofleet.node.mm.control.KernelControl;
import org.foliofleet.node.mm.flow.Flight;
import org.foliofleet.node.mm.flow.MachineContext;
import org.foliofleet.node.mm.flow.Outbox;
import org.foliofleet.node.mm.flow.Owner;
import org.foliofleet.node.mm.flow.Turn;
import org.foliofleet.node.mm.measure.MachineMeasure;
import org.foliofleet.node.mm.measure.ProcessMeasure;
import org.foliofleet.node.mm.measure.VmaMeasure;
import org.foliofleet.node.mm.numa.NumaNode;
import org.foliofleet.node.mm.process.Process;
import org.foliofleet.node.mm.swap.Swap;
import org.foliofleet.node.mm.tick.Answers;
import org.foliofleet.node.mm.tick.Schedule;
import org.foliofleet.node.mm.vma.Vma;
import org.foliofleet.node.mm.workload.MachineEnd;
import org.foliofleet.node.mm.workload.StopRule;
import org.foliofleet.node.mm.workload.Workload;
import org.foliofleet.node.mm.workload.WorkloadStatus;
import org.foliofleet.protocol.experiment.MachineResult;
import org.foliofleet.protocol.experiment.MetricValues;
import org.foliofleet.protocol.experiment.WorkloadPlan;
import org.foliofleet.protocol.id.OwnerId.NumaNodeId;
import org.foliofleet.protocol.id.OwnerId.ProcessId;
import org.foliofleet.protocol.id.OwnerId.VmaId;
import org.foliofleet.protocol.id.OwnerId;
import org.foliofleet.protocol.message.Command;
import org.foliofleet.protocol.message.Envelope;
import org.foliofleet.protocol.message.ProcessCommand;
import org.foliofleet.protocol.message.TaskContext;
import org.foliofleet.protocol.serial.Encoder;

/**
 * A whole simulated machine on one thread. Each tick every owner with messages takes its turn, in the order of the
 * owners' keys; what it sends arrives in the next tick or later.
 */
public final class Machine implements MachineContext, Outbox {
    private static final Comparator<Owner> BY_KEY = Comparator.comparingLong(Owner::key);

    private final Topology topology;
    private final Turn turn = new Turn(this, this);
    private final Long2ObjectHashMap<Owner> owners = new Long2ObjectHashMap<>();
    private final Schedule<Owner> schedule = new Schedule<>(this::ownerOrNew);
    private final TickSettings settings;
    private MachineListener listener;
    /** One of the owners, or null. */
    private Workload workload;
    /** Those that tell something cheaply; they live as long as the machine. */
    private final List<Owner> sampled = new ArrayList<>();

    /** A machine without swap. */
    public Machine(Topology topology, KernelSettings settings) {
        this(topology, settings, 0);
    }

    /** @param swapPages room on the swap device, 0 for none */
    public Machine(Topology topology, KernelSettings settings, long swapPages) {
        this.topology = topology;
        this.settings = new TickSettings(settings);
        for (int i = 0; i < topology.nodes().size(); i++) {
            add(new NumaNode(new NumaNodeId(i), topology.nodes().get(i).frames()));
        }
        add(new Swap(swapPages));
        add(new Namespace());
        add(new KernelControl());
    }

    /** The machine that was taken apart. */
    public Machine(MachineParts parts) {
        topology = parts.topology();
        settings = new TickSettings(parts.settings());
        parts.owners().forEach(owner -> {
            schedule.adopt(owner);
            add(owner);
        });
        schedule.restore(parts.progress(), parts.messages(), parts.answers());
    }

    // -- context -------------------------------------------------------------------------------------------------

    @Override
    public long tick() {
        return schedule.tick();
    }

    @Override
    public Topology topology() {
        return topology;
    }

    @Override
    public KernelSettings settings() {
        return settings.now();
    }

    /** Changes the kernel's settings between two ticks. */
    public void settings(KernelSettings newSettings) {
        settings.set(newSettings);
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
        workload = owner instanceof Workload programs ? programs : workload;
        if (owner instanceof NumaNode || owner instanceof Swap) {
            sampled.add(owner);
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
        return workload;
    }

    /** Starts programs: they begin in the next tick. */
    public void start(WorkloadPlan plan) {
        add(new Workload(plan));
        schedule.notify(new OwnerId.WorkloadId(), new Workload.Begin());
    }

    /** All owners, by key. */
    public List<Owner> owners() {
        List<Owner> sorted = new ArrayList<>(owners.values());
        sorted.sort(BY_KEY);
        return sorted;
    }

    Collection<Owner> unsortedOwners() {
        return owners.values();
    }

    // -- messages ------------------------------------------------------------------------------------------------

    @Override
    public void send(Envelope envelope) {
        schedule.send(envelope);
    }

    @Override
    public void sendAt(long atTick, Envelope envelope) {
        schedule.sendAt(atTick, envelope);
    }

    @Override
    public void emitted(Owner owner, Object event) {
        settings.happened(event);
        if (listener != null) {
            listener.happened(schedule.tick(), owner, event);
        }
    }

    /**
     * Asks an owner from outside.
     *
     * @return under which number the answer can be had
     */
    public long submit(OwnerId to, Command<?> command) {
        return schedule.submit(to, command);
    }

    /** Hands out the answers that came since, by number, and forgets them. */
    public void drainAnswers(Answers.Sink sink) {
        schedule.answers().drain(sink);
    }

    /** The answer, if it has come; it is then forgotten. Null if it has not, {@code Void.TYPE} if it is null. */
    public Object takeAnswer(long number) {
        Answers.Answer answer = schedule.answers().take(number);
        return answer == null ? null : answer.value() == null ? Void.TYPE : answer.value();
    }

    /** Simulated nanoseconds that the answered request took; ask before {@link #takeAnswer}. */
    public long cost(long number) {
        Answers.Answer answer = schedule.answers().get(number);
        return answer == null ? 0 : answer.cost();
    }

    /** A new process without memory; it begins in the next tick. */
    public ProcessId spawn(String name, TaskContext task) {
        ProcessId id = namespace().spawn(name, this);
        schedule.notify(id, new ProcessCommand.Begin(null, task));
        return id;
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
        Answers.Answer answer = schedule.answers().take(number);
        if (answer == null) {
            throw new InvariantViolation("the machine is quiet, but this is unfinished: " + command + unfinished());
        }
        return (R) answer.value();
    }

    /** @throws InvariantViolation if nothing is under way, but an operation waits for something */
    public void requireFinishedIfQuiet() {
        if (isQuiet()) {
            String unfinished = unfinished();
            if (!unfinished.isEmpty()) {
                throw new InvariantViolation("tick " + tick() + ": the machine is quiet, but this is unfinished:" + unfinished);
            }
        }
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
        return schedule.isQuiet();
    }

    /** Whether all that is under way are wake-ups: nothing happens unless time passes. */
    public boolean isIdle() {
        return schedule.isIdle();
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
        schedule.skipTo(Math.max(tick(), endTick));
    }

    /** The next tick in which anybody is due; meaningless when nobody is. */
    public long nextTick() {
        return schedule.nextTick();
    }

    /**
     * Runs a tick: what was submitted since the last and what is due in it.
     *
     * @param atTick later than the last, not later than {@link #nextTick} unless something was submitted for it
     */
    public void execute(long atTick) {
        schedule.skipTo(atTick - 1);
        if (!isQuiet() && nextTick() == atTick) {
            step();
        }
        schedule.skipTo(atTick);
    }

    /**
     * Runs the next tick in which anybody is due.
     *
     * @return false if nobody is
     */
    public boolean step() {
        int count = schedule.begin();
        for (int i = 0; i < count; i++) {
            Owner owner = schedule.station(i);
            turn.deliver(owner, schedule.mailbox(i));
            if (schedule.end(i, owner.hasEnded())) {
                owners.remove(owner.key());
            }
        }
        settings.endTick();
        if (workload != null && workload.isUnseen()) {
            MachineMeasure measure = measure();
            workload.seen(measure.values(settings.now(), ticks()).values(), measure.vmas());
        }
        if (workload != null && workload.status().wantsSample(tick())) {
            measureBriefly().sampleTo(workload, tick());
        }
        return count > 0;
    }

    /** How the programs are. */
    public WorkloadStatus programs() {
        return workload == null ? WorkloadStatus.NONE : workload.status();
    }

    /** The end of the machine, or null: it goes on. */
    public MachineEnd end(StopRule rule) {
        return rule.end(StopRule.Moment.of(schedule, programs()), programs());
    }

    /** What is kept of the machine, which has programs. */
    public MachineResult result(StopRule rule) {
        return measure().result(settings.now(), StopRule.Moment.of(schedule, programs()), end(rule), digest());
    }

    private MachineMeasure measureBriefly() {
        MachineMeasure measure = new MachineMeasure();
        sampled.forEach(measure::addBriefly);
        return measure;
    }

    /** Measures all owners. */
    public MachineMeasure measure() {
        MachineMeasure measure = new MachineMeasure();
        TreeMap<Integer, ProcessMeasure> processes = new TreeMap<>();
        for (Owner owner : owners.values()) {
            if (owner instanceof Process process) {
                processes.computeIfAbsent(process.number(), number -> new ProcessMeasure()).add(process);
            } else if (owner instanceof Vma vma) {
                processes.computeIfAbsent(((VmaId) vma.id()).process(), number -> new ProcessMeasure()).add(VmaMeasure.of(vma));
            } else {
                measure.add(owner);
            }
        }
        processes.values().forEach(measure::add);
        measure.addMessages(messages());
        return measure;
    }

    /** What can be measured now. */
    public MetricValues metrics() {
        return measure().values(settings.now(), ticks());
    }

    // -- digest and snapshots ------------------------------------------------------------------------------------

    /**
     * A fingerprint of all that decides what the machine will do: the state of all owners, unfinished operations, messages
     * under way, settings and tick. Sixteen hexadecimal digits, the same in every JVM.
     */
    public String digest() {
        Encoder scratch = Encoder.forHashing();
        long sum = 0;
        for (Owner owner : owners.values()) {
            sum += owner.hash(scratch);
        }
        return MachineImage.digest(sum, schedule, settings.now(), topology);
    }

    /** All that decides what the machine will do, as bytes. Between two ticks. */
    public byte[] snapshot() {
        return parts().toBytes();
    }

    /**
     * The machine that was written; it goes on as the other would have.
     *
     * @throws org.foliofleet.protocol.serial.DecodingException if the bytes are no snapshot of this version
     */
    public static Machine restore(byte[] snapshot) {
        return new Machine(MachineParts.of(snapshot));
    }

    /** All that this machine is. Whoever goes on with the parts leaves the machine alone. */
    public MachineParts parts() {
        return new MachineParts(topology, settings.now(), schedule.progress(), owners(), schedule.underWay(), schedule.answers().list());
    }

    /** Visits the messages under way with the tick in which they are due. */
    void forEachMessage(BiConsumer<Long, Envelope> visitor) {
        schedule.forEachMessage(visitor);
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
        return schedule.messages();
    }

    /** Ticks executed so far: those in which anybody was due. */
    public long ticks() {
        return schedule.ticks();
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
