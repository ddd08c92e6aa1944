package org.foliofleet.node.cluster;

import java.util.Arrays;
import java.util.Collection;
import java.util.Comparator;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.Map;
import java.util.Set;
import org.foliofleet.node.mm.flow.Flight;
import org.foliofleet.node.mm.flow.Owner;
import org.foliofleet.node.mm.machine.MachineParts;
import org.foliofleet.node.mm.tick.Schedule.Due;
import org.foliofleet.protocol.message.FolioCommand;
import org.foliofleet.protocol.message.Hold;
import org.foliofleet.protocol.message.NumaNodeCommand;
import org.foliofleet.protocol.message.NumaNodeCommand.Purpose;
import org.foliofleet.protocol.message.ProcessCommand;
import org.foliofleet.protocol.message.RmapWalk;
import org.foliofleet.protocol.message.SwapCommand;
import org.foliofleet.protocol.message.VmaCommand;
import org.foliofleet.protocol.program.MemoryCall;

/** What a machine is in the middle of. */
enum UnderWay {
    FORK, COPY_ON_WRITE, PIN, SPLIT, MIGRATION_OR_RECLAIM;

    /** All of a machine between two ticks: by its flights and by the messages on their way. */
    static Set<UnderWay> of(MachineParts parts) {
        Set<UnderWay> all = EnumSet.noneOf(UnderWay.class);
        for (Owner owner : parts.owners()) {
            for (Flight flight : owner.flights()) {
                add(flight.command(), all);
            }
        }
        for (Due due : parts.messages()) {
            add(due.envelope().payload(), all);
        }
        return all;
    }

    /** What {@link Set#toString} wrote. */
    static Set<UnderWay> parse(String written) {
        Set<UnderWay> all = EnumSet.noneOf(UnderWay.class);
        for (String word : written.replaceAll("[\\[\\] ]", "").split(",")) {
            if (!word.isEmpty()) {
                all.add(valueOf(word));
            }
        }
        return all;
    }

    private static void add(Object what, Set<UnderWay> all) {
        if (what instanceof VmaCommand.Duplicate || what instanceof NumaNodeCommand.DuplicateMappings
                || what instanceof NumaNodeCommand.Duplicated || what instanceof ProcessCommand.Execute execute
                && execute.call() instanceof MemoryCall.Fork) {
            all.add(FORK);
        } else if (what instanceof NumaNodeCommand.ResolveWrite || what instanceof NumaNodeCommand.WriteResolved
                || what instanceof NumaNodeCommand.AllocateAnon allocate && allocate.purpose() == Purpose.COW) {
            all.add(COPY_ON_WRITE);
        } else if (what instanceof NumaNodeCommand.TakeHolds || what instanceof NumaNodeCommand.Held
                || what instanceof VmaCommand.GetPages pages && pages.hold() != Hold.NONE
                || what instanceof ProcessCommand.Execute execute && execute.call() instanceof MemoryCall.Pin) {
            all.add(PIN);
        } else if (what instanceof FolioCommand.SplitFolio || what instanceof FolioCommand.ScanDeferred
                || what instanceof FolioCommand.ShrinkDeferred) {
            all.add(SPLIT);
        } else if (what instanceof FolioCommand.Pageout || what instanceof FolioCommand.ShrinkFolios || what instanceof SwapCommand.Write
                || what instanceof RmapWalk.AtVma walk && (walk.walk().action() instanceof RmapWalk.ToSwap
                        || walk.walk().action() instanceof RmapWalk.ToMigration)) {
            all.add(MIGRATION_OR_RECLAIM);
        }
    }

    /** Counts of all. */
    static final class Counts {
        private final Map<UnderWay, Integer> counts = new EnumMap<>(UnderWay.class);

        void add(Collection<UnderWay> those) {
            those.forEach(each -> counts.merge(each, 1, Integer::sum));
        }

        int of(UnderWay what) {
            return counts.getOrDefault(what, 0);
        }

        /** What was counted least. */
        UnderWay rarest() {
            return Arrays.stream(values()).min(Comparator.comparingInt(this::of)).orElseThrow();
        }

        @Override
        public String toString() {
            return counts.toString();
        }
    }
}
