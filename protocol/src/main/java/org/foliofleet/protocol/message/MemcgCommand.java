package org.foliofleet.protocol.message;

/**
 * What may be asked of a memory cgroup that has a limit.
 *
 * @param <R> the reply
 */
public interface MemcgCommand<R> extends Command<R> {}
