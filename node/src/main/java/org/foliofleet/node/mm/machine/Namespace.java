package org.foliofleet.node.mm.machine;

import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;
import org.foliofleet.node.mm.flow.Handlers;
import org.foliofleet.node.mm.flow.Outbox;
import org.foliofleet.node.mm.flow.Owner;
import org.foliofleet.node.mm.flow.Turn;
import org.foliofleet.protocol.id.OwnerId.AddressSpaceId;
import org.foliofleet.protocol.id.OwnerId.NamespaceId;
import org.foliofleet.protocol.id.OwnerId.ProcessId;
import org.foliofleet.protocol.message.AddressSpaceCommand;
import org.foliofleet.protocol.message.Command;
import org.foliofleet.protocol.message.Memcg;
import org.foliofleet.protocol.message.NamespaceCommand;

/** The names of a machine: numbers of processes, files and devices by name. */
public final class Namespace extends Owner {
    private static final Handlers<Namespace> HANDLERS = new Handlers<Namespace>()
            .atomic(NamespaceCommand.AllocateProcess.class, Namespace::allocateProcess)
            .atomic(NamespaceCommand.FindProcess.class, (names, find, turn) -> names.processes.get(find.name()))
            .atomic(NamespaceCommand.CreateCgroup.class, Namespace::createCgroup)
            .atomic(NamespaceCommand.FindCgroup.class, (names, find, turn) -> names.cgroups.get(find.name()))
            .atomic(NamespaceCommand.ProcessEnded.class, Namespace::processEnded)
            .atomic(NamespaceCommand.LivingProcesses.class, (names, all, turn) -> List.copyOf(names.living))
            .atomic(NamespaceCommand.CreateFile.class, Namespace::createFile)
            .atomic(NamespaceCommand.OpenFile.class, (names, open, turn) -> names.files.get(open.name()))
            .atomic(NamespaceCommand.CreateDevice.class, Namespace::createDevice)
            .atomic(NamespaceCommand.OpenDevice.class, (names, open, turn) -> names.devices.get(open.name()));

    /** Ids of 15 bits, without 0. */
    private static final int SHORT_MM_IDS = (1 << 15) - 1;

    private final TreeMap<String, ProcessId> processes = new TreeMap<>();
    /** Those that have not exited. */
    private final TreeSet<ProcessId> living = new TreeSet<>();
    private final TreeMap<String, AddressSpaceId> files = new TreeMap<>();
    private final TreeMap<String, AddressSpaceId> devices = new TreeMap<>();
    /** Memory cgroups but the root. */
    private final TreeMap<String, Integer> cgroups = new TreeMap<>();
    private int lastProcess;
    private int lastFile;
    private int vmaPeak;

    public Namespace() {
        super(new NamespaceId());
    }

    @Override
    protected Object handle(Command<?> command, Turn turn) {
        return HANDLERS.handle(this, command, turn);
    }

    private record ProcessNamed(String name, int number) {}

    private record ProcessForgotten(ProcessId process, int vmaPeak) {}

    private static Void processEnded(Namespace names, NamespaceCommand.ProcessEnded ended, Turn turn) {
        turn.emit(new ProcessForgotten(ended.process(), ended.vmaPeak()));
        return null;
    }

    private record FileNamed(String name, int number) {}

    private record DeviceNamed(String name, int number) {}

    private record CgroupNamed(String name, int number) {}

    /** {@code mm_alloc_id()}: on 32 bits, ids of mms may run out (R1.5). */
    private ProcessId allocateProcess(NamespaceCommand.AllocateProcess allocate, Turn turn) {
        if (living.size() >= SHORT_MM_IDS && turn.context().settings().policies().mapping().width32bitMmId()) {
            return null;
        }
        turn.emit(new ProcessNamed(allocate.name(), lastProcess + 1));
        return new ProcessId(lastProcess);
    }

    /** The same between two ticks, for whoever stands outside the machine. */
    ProcessId spawn(String name, Outbox outbox) {
        ProcessNamed event = new ProcessNamed(name, lastProcess + 1);
        apply(event);
        changed();
        outbox.emitted(this, event);
        return new ProcessId(lastProcess);
    }

    private AddressSpaceId createFile(NamespaceCommand.CreateFile create, Turn turn) {
        turn.emit(new FileNamed(create.name(), lastFile + 1));
        turn.send(new AddressSpaceId(lastFile), new AddressSpaceCommand.Begin(create.name(), create.shmem(), create.pages()));
        return new AddressSpaceId(lastFile);
    }

    private Integer createCgroup(NamespaceCommand.CreateCgroup create, Turn turn) {
        if (cgroups.containsKey(create.name()) || cgroups.size() == Memcg.MAX_CGROUPS) {
            return null;
        }
        turn.emit(new CgroupNamed(create.name(), cgroups.size() + 1));
        return cgroups.size();
    }

    private AddressSpaceId createDevice(NamespaceCommand.CreateDevice create, Turn turn) {
        turn.emit(new DeviceNamed(create.name(), lastFile + 1));
        return new AddressSpaceId(lastFile);
    }

    @Override
    protected void apply(Object event) {
        if (event instanceof ProcessNamed named) {
            lastProcess = named.number();
            processes.put(named.name(), new ProcessId(named.number()));
            living.add(new ProcessId(named.number()));
        } else if (event instanceof ProcessForgotten forgotten) {
            living.remove(forgotten.process());
            vmaPeak = Math.max(vmaPeak, forgotten.vmaPeak());
        } else if (event instanceof FileNamed named) {
            lastFile = named.number();
            if (!named.name().isEmpty()) {
                files.put(named.name(), new AddressSpaceId(named.number()));
            }
        } else if (event instanceof DeviceNamed named) {
            lastFile = named.number();
            devices.put(named.name(), new AddressSpaceId(named.number()));
        } else if (event instanceof CgroupNamed named) {
            cgroups.put(named.name(), named.number());
        }
    }

    /** The newest process of that name, or null. */
    public ProcessId process(String name) {
        return processes.get(name);
    }

    /** Most VMAs that a process had which has exited. */
    public int vmaPeak() {
        return vmaPeak;
    }

    /** Processes that have not exited. */
    public int livingProcesses() {
        return living.size();
    }

    public AddressSpaceId file(String name) {
        return files.get(name);
    }

    /** All process names with their numbers. */
    public Map<String, ProcessId> processes() {
        return processes;
    }

    public Map<String, AddressSpaceId> files() {
        return files;
    }

    /** Numbers of memory cgroups by name. */
    public Map<String, Integer> cgroups() {
        return cgroups;
    }

    /** Devices by name. */
    public Map<String, AddressSpaceId> devices() {
        return devices;
    }
}
