package org.foliofleet.protocol.message;

import java.util.List;
import org.foliofleet.protocol.id.OwnerId.ProcessId;

/**
 * What may be asked of the holder of an anon_vma root lock.
 *
 * @param <R> the reply
 */
public interface AnonVmaRootCommand<R> extends Command<R> {
    /** A process has a VMA in the family. */
    record Join(int process) implements AnonVmaRootCommand<Void> {}

    /** {@code anon_vma_fork()}: the anon_vma of a child's VMA (R3.3). */
    record Fork(AnonVma parent, ProcessId child) implements AnonVmaRootCommand<AnonVma> {}

    /** A process has no VMA in the family any more. */
    record Leave(int process) implements AnonVmaRootCommand<Void> {}

    /** The processes that may map folios of the family, ascending. */
    record Members() implements AnonVmaRootCommand<List<ProcessId>> {}
}
