package org.foliofleet.node.actor;

import org.foliofleet.node.mm.flow.Owner;
import org.foliofleet.node.mm.measure.MachineMeasure;
import org.foliofleet.node.mm.measure.ProcessMeasure;
import org.foliofleet.node.mm.process.Process;

/** A process is measured: what its VMAs answer is folded as it comes, and told as one. */
final class ProcessMeasuring {
    private final ProcessTask.Measure task;
    private final ProcessMeasure measure = new ProcessMeasure();
    private int awaited;

    /** @param process null if it has ended before its VMAs */
    ProcessMeasuring(ProcessTask.Measure task, Owner process, int vmas) {
        this.task = task;
        awaited = vmas;
        if (process != null) {
            measure.add((Process) process);
        }
        tellIfComplete();
    }

    void add(OwnerReply.VmaMeasured vma) {
        measure.add(vma.measure());
        awaited--;
        tellIfComplete();
    }

    private void tellIfComplete() {
        if (awaited == 0) {
            MachineMeasure whole = new MachineMeasure();
            whole.add(measure);
            task.replyTo().tell(new OwnerReply.Measured(task.number(), whole));
        }
    }
}
