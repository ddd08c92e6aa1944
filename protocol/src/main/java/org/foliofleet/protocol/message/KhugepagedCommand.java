package org.foliofleet.protocol.message;

/** What khugepaged can be told. */
public interface KhugepagedCommand<R> extends Command<R> {}
