package org.foliofleet.protocol.message;

/**
 * A command or reply by which, while it is under way, what the nodes count and what page tables say differ. The audit adds
 * what such messages tell: after it, the counts of all folios equal the entries of all page tables.
 *
 * <p>Replies tell it as long as they are unread, too: the audit looks into the logs of waiting flights. There it counts the
 * replies at the end of the log; of a command that {@link KeepsReplies keeps its replies}, all.
 */
public interface CarriesMappings {
    /** Takes what is counted at nodes and in no page table ({@code sign} 1), or the other way round (-1). */
    interface Sink {
        /** Present entries. */
        void entries(PageRuns runs, int sign);

        /** Folios of that order that are mapped once, by a PMD or by PTEs. */
        void folios(FrameRuns frames, int order, boolean pmd, int sign);
    }

    void tell(Sink sink);

    /** A command that uses the replies to what it asks only at its end. */
    interface KeepsReplies {}
}
