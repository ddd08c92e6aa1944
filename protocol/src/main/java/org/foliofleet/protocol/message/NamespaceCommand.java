package org.foliofleet.protocol.message;

import java.util.List;
import org.foliofleet.protocol.id.OwnerId.AddressSpaceId;
import org.foliofleet.protocol.id.OwnerId.ProcessId;

/**
 * What may be asked of the keeper of names.
 *
 * @param <R> the reply
 */
public interface NamespaceCommand<R> extends Command<R> {
    /** {@code alloc_pid()}: the number of a new process of that name. */
    record AllocateProcess(String name) implements NamespaceCommand<ProcessId> {}

    /** A new file or shmem object; an empty name for one that nobody opens by name. */
    record CreateFile(String name, boolean shmem, long pages) implements NamespaceCommand<AddressSpaceId> {}

    /** Opens a file by name; null if there is none. */
    record OpenFile(String name) implements NamespaceCommand<AddressSpaceId> {}

    /** A new device, which has no memory yet. */
    record CreateDevice(String name) implements NamespaceCommand<AddressSpaceId> {}

    /** Opens a device by name; null if there is none. */
    record OpenDevice(String name) implements NamespaceCommand<AddressSpaceId> {}

    /** A new memory cgroup; null if there is one of that name, or no number is left. */
    record CreateCgroup(String name) implements NamespaceCommand<Integer> {}

    /** The number of a memory cgroup; null if there is none of that name. */
    record FindCgroup(String name) implements NamespaceCommand<Integer> {}

    /** The newest process of that name; null if there was none. */
    record FindProcess(String name) implements NamespaceCommand<ProcessId> {}

    /** A process has exited, which had so many VMAs at most; its name stays. */
    record ProcessEnded(ProcessId process, int vmaPeak) implements NamespaceCommand<Void> {}

    /** All processes that have not exited, by number. */
    record LivingProcesses() implements NamespaceCommand<List<ProcessId>> {}
}
