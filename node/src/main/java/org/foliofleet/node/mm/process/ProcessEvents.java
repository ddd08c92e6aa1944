package org.foliofleet.node.mm.process;

import org.foliofleet.protocol.message.TaskContext;
import java.util.List;
import org.foliofleet.protocol.message.VmaInfo;

/** What can happen to a process's tree of VMAs, in the few forms that all system calls share. */
final class ProcessEvents {
    private ProcessEvents() {}

    /** A VMA came to be. */
    record VmaAdded(VmaInfo info) implements ProcessEvent {
        @Override
        public void applyTo(Process process) {
            process.insert(info);
        }
    }

    /** Some VMAs gave way to others. */
    record TreeChanged(List<VmaInfo> removed, List<VmaInfo> added) implements ProcessEvent {
        @Override
        public void applyTo(Process process) {
            for (VmaInfo info : removed) {
                process.remove(info.start());
            }
            for (VmaInfo info : added) {
                process.insert(info);
            }
            process.intervals.forget(removed, added);
        }
    }

    /** A VMA changed; its range may have, into free space or away from it. */
    record VmaChanged(VmaInfo before, VmaInfo after) implements ProcessEvent {
        @Override
        public void applyTo(Process process) {
            process.remove(before.start());
            process.insert(after);
        }
    }

    /** A new anon_vma root was named. */
    record RootNamed(int serial) implements ProcessEvent {
        @Override
        public void applyTo(Process process) {
            process.nextRoot = serial + 1;
        }
    }

    record Began(TaskContext task) implements ProcessEvent {
        @Override
        public void applyTo(Process process) {
            process.alive = true;
            process.task = task;
        }
    }

    record TaskChanged(TaskContext task) implements ProcessEvent {
        @Override
        public void applyTo(Process process) {
            process.task = task;
        }
    }

    /** Pages count as locked though no VMA has them. */
    record LockedPagesLeaked(long pages) implements ProcessEvent {
        @Override
        public void applyTo(Process process) {
            process.leakedLockedPages += pages;
        }
    }

    /** The process began another program: nothing is mapped, nothing was ever pinned. */
    record Executed() implements ProcessEvent {
        @Override
        public void applyTo(Process process) {
            process.hasPinned = false;
            process.userfaultfd = false;
            process.relocates = false;
            process.leakedLockedPages = 0;
        }
    }

    record Exited() implements ProcessEvent {
        @Override
        public void applyTo(Process process) {
            process.alive = false;
            process.gone = true;
        }
    }
}
