package org.foliofleet.node.actor;

import akka.actor.typed.ActorRef;
import akka.actor.typed.javadsl.ActorContext;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;
import java.util.TreeMap;
import org.agrona.collections.Int2ObjectHashMap;
import org.agrona.collections.Long2ObjectHashMap;
import org.foliofleet.node.mm.flow.Owner;
import org.foliofleet.node.mm.machine.OwnerFactory;
import org.foliofleet.node.mm.measure.MachineMeasure;
import org.foliofleet.protocol.id.OwnerId;
import org.foliofleet.protocol.id.OwnerId.ProcessId;
import org.foliofleet.protocol.id.OwnerId.VmaId;

/** The actors of a machine's owners: children of the clock, those of VMAs children of their process. */
final class OwnerTable {
    private final ActorContext<MachineMessage> context;
    private final OwnerActors actors;
    private final Long2ObjectHashMap<OwnerHandle> owners = new Long2ObjectHashMap<>();
    private final Int2ObjectHashMap<ProcessHandle> processes = new Int2ObjectHashMap<>();
    /** They live as long as the machine. */
    private final List<OwnerHandle> measurable = new ArrayList<>();
    /** Those that have had a turn, or are new, since somebody asked. */
    private List<OwnerHandle> dirty = new ArrayList<>();
    private List<OwnerHandle> uncommitted = new ArrayList<>();
    /** Owners that were there at the last commit and have ended since. */
    private List<Long> gone = new ArrayList<>();
    /** The sum of all hashes. */
    private long hashes;

    OwnerTable(ActorContext<MachineMessage> context, OwnerActors actors) {
        this.context = context;
        this.actors = actors;
    }

    /** Gives each owner its actor; they belong to these from now on. */
    void adopt(List<Owner> adopted) {
        TreeMap<Integer, List<Owner>> families = new TreeMap<>();
        for (Owner owner : adopted) {
            int process = processOf(owner.id());
            OwnerHandle handle;
            if (process == 0) {
                handle = add(owner.id(), owner);
            } else {
                handle = add(owner.id(), null);
                families.computeIfAbsent(process, p -> new ArrayList<>()).add(owner);
            }
            handle.sequence = owner.sequence();
            handle.waiting = owner.flightCount();
            hash(handle, owner.knownHash());
            handle.dirty = handle.hash == 0;
        }
        dirty.removeIf(handle -> !handle.dirty);
        families.forEach((process, family) -> processes.get(process).actor.tell(new ProcessTask.Adopt(family)));
    }

    /** The owner's handle; it comes to be if need be. */
    OwnerHandle get(OwnerId id) {
        OwnerHandle handle = owners.get(id.key());
        return handle != null ? handle : add(id, null);
    }

    /** @param owner null for one that begins now */
    private OwnerHandle add(OwnerId id, Owner owner) {
        int number = processOf(id);
        OwnerHandle handle;
        if (number == 0) {
            ActorRef<OwnerTask> actor = context.spawnAnonymous(actors.create(owner != null ? owner : OwnerFactory.create(id)));
            handle = new OwnerHandle(id.key(), actor, null);
            if (MachineMeasure.concerns(id)) {
                measurable.add(handle);
            }
        } else {
            ProcessHandle process = processes.get(number);
            if (process == null) {
                process = new ProcessHandle(number, context.spawnAnonymous(ProcessActor.create(actors)));
                processes.put(number, process);
            }
            process.owners++;
            handle = new OwnerHandle(id.key(), null, process);
        }
        owners.put(id.key(), handle);
        changed(handle);
        return handle;
    }

    /** The number of the process whose actor holds the owner or is its parent; 0 for others. */
    private static int processOf(OwnerId id) {
        return id instanceof ProcessId process ? process.number() : id instanceof VmaId vma ? vma.process() : 0;
    }

    /** Ends the actor of an owner that has ended. */
    void forget(OwnerHandle handle) {
        owners.remove(handle.key());
        hashes -= handle.hash;
        if (handle.committed != 0) {
            gone.add(handle.key());
        }
        if (handle.process == null) {
            context.stop(handle.actor);
            return;
        }
        handle.process.owners--;
        if (handle.process.owners > 0) {
            handle.process.actor.tell(new ProcessTask.Forget(handle.key()));
        } else {
            processes.remove(handle.process.number);
            context.stop(handle.process.actor);
        }
    }

    private boolean exists(OwnerHandle handle) {
        return owners.get(handle.key()) == handle;
    }

    /** The owner's state is no longer what it was. */
    void changed(OwnerHandle handle) {
        if (!handle.dirty) {
            handle.dirty = true;
            add(handle, dirty);
        }
        if (!handle.uncommitted) {
            handle.uncommitted = true;
            add(handle, uncommitted);
        }
    }

    private void add(OwnerHandle handle, List<OwnerHandle> list) {
        if (list.size() > 1000 + 2 * owners.size()) {
            list.removeIf(other -> !exists(other));
        }
        list.add(handle);
    }

    /** Owners whose hash is not known; they are taken to be known from now on. */
    List<OwnerHandle> takeDirty() {
        List<OwnerHandle> those = dirty;
        dirty = new ArrayList<>();
        those.forEach(handle -> handle.dirty = false);
        those.removeIf(handle -> !exists(handle));
        return those;
    }

    /** Owners that have changed since the last commit; their hashes are taken to be known from now on. */
    List<OwnerHandle> takeUncommitted() {
        takeDirty();
        List<OwnerHandle> those = uncommitted;
        uncommitted = new ArrayList<>();
        those.forEach(handle -> handle.uncommitted = false);
        those.removeIf(handle -> !exists(handle));
        return those;
    }

    /** All owners, by key. */
    List<OwnerHandle> sorted() {
        List<OwnerHandle> all = new ArrayList<>(owners.values());
        all.sort(Comparator.comparingLong(OwnerHandle::key));
        return all;
    }

    /** Keys of all owners, in order. */
    long[] keys() {
        long[] keys = new long[owners.size()];
        int count = 0;
        for (OwnerHandle handle : owners.values()) {
            keys[count++] = handle.key();
        }
        Arrays.sort(keys);
        return keys;
    }

    /** The owner's handle; null if there is none. */
    OwnerHandle find(long key) {
        return owners.get(key);
    }

    /** Processes, each with its VMAs. */
    List<ProcessHandle> processes() {
        return new ArrayList<>(processes.values());
    }

    /** Owners outside of processes that can be measured, in whatever order. */
    List<OwnerHandle> measurable() {
        return measurable;
    }

    /** The owner's hash has become known. */
    void hash(OwnerHandle handle, long hash) {
        hashes += hash - handle.hash;
        handle.hash = hash;
    }

    /** The sum of all hashes. */
    long hashes() {
        return hashes;
    }

    /** Before the first turn: the owners are as they were committed last, as far as their hashes are known. */
    void allCommitted() {
        for (OwnerHandle handle : uncommitted) {
            if (handle.hash != 0) {
                handle.committed = handle.hash;
                handle.uncommitted = false;
            }
        }
        uncommitted.removeIf(handle -> !handle.uncommitted);
    }

    /** A commit begins: keys of owners that the last one knew and that are no more, in order. */
    List<Long> takeGone() {
        List<Long> those = gone;
        gone = new ArrayList<>();
        those.removeIf(owners::containsKey);
        Collections.sort(those);
        return those;
    }
}
