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
            process.vmas.put(info);
            if (info.id().process() == process.number()) {
                process.nextVma = Math.max(process.nextVma, info.id().serial() + 1);
            }
        }
    }

    /** Some VMAs gave way to others. */
    record TreeChanged(List<VmaInfo> removed, List<VmaInfo> added) implements ProcessEvent {
        @Override
        public void applyTo(Process process) {
            for (VmaInfo info : removed) {
                process.vmas.remove(process.vmas.find(info.start()));
            }
            for (VmaInfo info : added) {
                new VmaAdded(info).applyTo(process);
            }
        }
    }

    /** A VMA changed; its range may have, into free space or away from it. */
    record VmaChanged(VmaInfo before, VmaInfo after) implements ProcessEvent {
        @Override
        public void applyTo(Process process) {
            process.vmas.remove(process.vmas.find(before.start()));
            process.vmas.put(after);
        }
    }

    /** A VMA is no more. */
    record VmaRemoved(VmaInfo info) implements ProcessEvent {
        @Override
        public void applyTo(Process process) {
            process.vmas.remove(process.vmas.find(info.start()));
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

    record Exited() implements ProcessEvent {
        @Override
        public void applyTo(Process process) {
            process.alive = false;
            process.gone = true;
        }
    }
}
