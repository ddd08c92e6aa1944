package org.foliofleet.node.mm.numa;

import org.foliofleet.node.mm.flow.Turn;
import org.foliofleet.protocol.message.FolioCommand.EndPassing;
import org.foliofleet.protocol.message.FrameRuns;
import org.foliofleet.protocol.policy.MlockPolicies;
import org.foliofleet.protocol.program.RandomStream;

/**
 * References that somebody takes of any folio for a short time, such as compaction or a walker of frames (R16.3): switch
 * speculative_ref_rate. A split meets one with the probability that it says; the reference is there for as long as it says.
 */
final class PassingReferences {
    private PassingReferences() {}

    /** A split is about to look at the references. Within a step. */
    static void meet(NumaNode node, long head, Turn turn) {
        MlockPolicies policies = turn.context().settings().policies().mlock();
        if (policies.speculativeRefProbability() <= 0) {
            return;
        }
        long key = RandomStream.of(turn.context().settings().randomSeed(), "passing references", node.number()).key();
        double drawn = (RandomStream.draw(key, node.passingDraws) >>> 11) * 0x1.0p-53;
        boolean met = drawn < policies.speculativeRefProbability();
        turn.emit(new Drawn(head, met));
        if (met) {
            long ticks = Math.max(1, policies.speculativeRefHoldNanos() / turn.context().settings().tickNanos());
            turn.send(node.id(), new EndPassing(head, turn.tick() + ticks));
        }
    }

    static Void end(NumaNode node, EndPassing end, Turn turn) {
        turn.sleepUntil(end.tick());
        turn.run(() -> turn.emit(new FolioEvents.Put(FrameRuns.of(end.head(), node.folios.get(end.head()).pages()), 0)));
        return null;
    }

    private record Drawn(long head, boolean met) implements NodeEvent {
        @Override
        public void applyTo(NumaNode node) {
            node.passingDraws++;
            if (met) {
                Folio folio = node.folios.get(head);
                node.folios.set(head, folio.pages(), folio.withGets(folio.gets() + 1));
            }
        }
    }
}
