package org.foliofleet.node.mm.process;

import java.util.ArrayList;
import java.util.List;
import org.foliofleet.protocol.id.OwnerId;
import org.foliofleet.protocol.id.OwnerId.VmaId;
import org.foliofleet.protocol.id.PageRange;
import org.foliofleet.protocol.message.Command;
import org.foliofleet.protocol.message.PageRuns;
import org.foliofleet.protocol.message.VmaCommand.HandOver;
import org.foliofleet.protocol.message.VmaCommand.SetVma;
import org.foliofleet.protocol.message.VmaInfo;

/**
 * A change of the tree, worked out: which VMAs go and come there, and what the VMAs are told.
 *
 * @param removed  entries of the tree that go, as they are
 * @param added    entries that come
 * @param requests to the VMAs, one each
 * @param result   the VMA that the caller's range belongs to now
 */
record VmaEdit(List<VmaInfo> removed, List<VmaInfo> added, List<OwnerId> to, List<Command<Void>> requests, VmaInfo result) {

    /** Collects an edit. */
    static final class Builder {
        private final List<VmaInfo> removed = new ArrayList<>();
        private final List<VmaInfo> added = new ArrayList<>();
        private final List<OwnerId> to = new ArrayList<>();
        private final List<Command<Void>> requests = new ArrayList<>();

        /** The VMA's attributes or free ends change; no entries move. */
        Builder change(VmaInfo before, VmaInfo after) {
            replace(before, after);
            return tell(after.id(), new SetVma(after, PageRuns.NONE));
        }

        /** The VMA becomes another in the tree; others tell it. */
        Builder replace(VmaInfo before, VmaInfo after) {
            removed.add(before);
            added.add(after);
            return this;
        }

        /** A VMA without entries comes to be. */
        Builder add(VmaInfo info) {
            added.add(info);
            return tell(info.id(), new SetVma(info, PageRuns.NONE));
        }

        /** The VMA gives all it has to another, and ends. */
        Builder giveAll(VmaInfo from, VmaInfo receiver) {
            removed.add(from);
            return tell(from.id(), new HandOver(null, List.of(PageRange.between(from.start(), from.end())), List.of(receiver)));
        }

        /** The VMA keeps {@code rest} and gives the entries of the parts away. */
        Builder give(VmaInfo from, VmaInfo rest, List<PageRange> parts, List<VmaInfo> receivers) {
            replace(from, rest);
            return tell(from.id(), new HandOver(rest, parts, receivers));
        }

        /** A VMA that others hand its entries to. */
        Builder receive(VmaInfo info) {
            added.add(info);
            return this;
        }

        private Builder tell(VmaId vma, Command<Void> request) {
            to.add(vma);
            requests.add(request);
            return this;
        }

        VmaEdit build(VmaInfo result) {
            return new VmaEdit(removed, added, to, requests, result);
        }
    }
}
