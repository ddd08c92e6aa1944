package org.foliofleet.node.mm.vma;

import org.foliofleet.node.mm.collection.RunSet;
import org.foliofleet.protocol.message.PageRuns;
import org.foliofleet.protocol.message.Pte;
import org.foliofleet.protocol.message.VmaInfo;

/** What can happen to page tables, in the few forms that all operations share. */
final class VmaEvents {
    private VmaEvents() {}

    /** The VMA is new, or changed its range, flags, offset, policy or anon_vma. */
    record InfoChanged(VmaInfo info) implements VmaEvent {
        @Override
        public void applyTo(Vma vma) {
            vma.info = info;
        }
    }

    /** Pages got these entries, whatever they had before. */
    record EntriesSet(PageRuns runs) implements VmaEvent {
        @Override
        public void applyTo(Vma vma) {
            for (int i = 0; i < runs.size(); i++) {
                vma.setEntries(runs.start(i), runs.count(i), runs.entry(i));
            }
        }
    }

    /** Pages got this entry. */
    record EntrySet(long start, long count, Pte entry) implements VmaEvent {
        @Override
        public void applyTo(Vma vma) {
            vma.setEntries(start, count, entry);
        }
    }

    /** Pages have no entries any more; the page tables stay. */
    record EntriesCleared(long start, long count) implements VmaEvent {
        @Override
        public void applyTo(Vma vma) {
            vma.clearEntries(start, count);
        }
    }

    /**
     * In the entries of present pages of a range, flags were set and cleared. Migration entries stand for present ones: they
     * lose the right to write and exclusivity with them.
     */
    record FlagsChanged(long start, long end, int set, int clear) implements VmaEvent {
        @Override
        public void applyTo(Vma vma) {
            vma.pages.transform(start, end, (at, count, entry) -> switch (entry.state()) {
                case PRESENT -> entry.with(set).without(clear);
                case MIGRATION -> entry.without(clear & (Pte.WRITE | Pte.EXCLUSIVE));
                default -> entry;
            });
        }
    }

    /** Page tables of blocks of 2 MiB came to be ({@code present}), or were freed; they hold no entries. */
    record TablesChanged(long firstBlock, long count, boolean present) implements VmaEvent {
        @Override
        public void applyTo(Vma vma) {
            if (present) {
                if (vma.emptyTables == null) {
                    vma.emptyTables = new RunSet();
                }
                vma.emptyTables.add(firstBlock, count);
            } else if (vma.emptyTables != null) {
                vma.emptyTables.remove(firstBlock, count);
            }
        }
    }

    /** The VMA is no more. */
    record Gone() implements VmaEvent {
        @Override
        public void applyTo(Vma vma) {
            vma.gone = true;
        }
    }
}
