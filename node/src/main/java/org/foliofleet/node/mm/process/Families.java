package org.foliofleet.node.mm.process;

import java.util.List;
import java.util.TreeMap;
import org.foliofleet.node.mm.flow.Turn;
import org.foliofleet.protocol.id.OwnerId;
import org.foliofleet.protocol.id.OwnerId.AnonVmaRootId;
import org.foliofleet.protocol.message.AnonVmaRootCommand;
import org.foliofleet.protocol.message.VmaInfo;

/**
 * How many VMAs of a process belong to each anon_vma family and each file; a family is told when it has none there any
 * more ({@code unlink_anon_vmas()}).
 */
final class Families {
    private final TreeMap<OwnerId, Integer> vmas = new TreeMap<>();

    void added(VmaInfo info) {
        if (info.anonVma() != null) {
            vmas.merge(info.anonVma().root(), 1, Integer::sum);
        }
        if (info.file() != null) {
            vmas.merge(info.file(), 1, Integer::sum);
        }
    }

    void removed(VmaInfo info) {
        if (info.anonVma() != null) {
            forget(info.anonVma().root());
        }
        if (info.file() != null) {
            forget(info.file());
        }
    }

    private void forget(OwnerId object) {
        vmas.computeIfPresent(object, (id, count) -> count == 1 ? null : count - 1);
    }

    boolean contains(OwnerId object) {
        return vmas.containsKey(object);
    }

    /** Tells the families of VMAs that were removed or changed whether the process has left them. Within a step. */
    static void settle(Process process, List<VmaInfo> before, Turn turn) {
        TreeMap<AnonVmaRootId, Boolean> left = new TreeMap<>();
        for (VmaInfo info : before) {
            if (info.anonVma() != null && !process.families.contains(info.anonVma().root())) {
                left.put(info.anonVma().root(), true);
            }
        }
        for (AnonVmaRootId root : left.keySet()) {
            turn.send(root, new AnonVmaRootCommand.Leave(process.number()));
        }
    }
}
