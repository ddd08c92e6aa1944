package org.foliofleet.node.actor;

import akka.actor.typed.Behavior;
import akka.actor.typed.ExtensibleBehavior;
import akka.actor.typed.Signal;
import akka.actor.typed.TypedActorContext;
import org.foliofleet.node.mm.flow.Owner;
import org.foliofleet.node.mm.machine.OwnerImage;
import org.foliofleet.node.mm.measure.MachineMeasure;
import org.foliofleet.node.mm.measure.VmaMeasure;
import org.foliofleet.node.mm.vma.Vma;
import org.foliofleet.node.mm.workload.Workload;
import org.foliofleet.protocol.serial.Encoder;

/**
 * One owner: a VMA, a NUMA node, an address space, an anon_vma root, the swap device, a daemon. It stands for the lock
 * whose state the owner holds, and speaks only to whoever gives it tasks. There are millions of these, so it has no
 * context of its own.
 */
final class OwnerActor extends ExtensibleBehavior<OwnerTask> {
    private final Owner owner;

    private OwnerActor(Owner owner) {
        this.owner = owner;
    }

    /** @param owner belongs to the actor from now on */
    static Behavior<OwnerTask> create(Owner owner) {
        return new OwnerActor(owner);
    }

    /** Does the task for an owner that this thread may touch. */
    static OwnerReply answer(Owner owner, OwnerTask task) {
        if (task instanceof OwnerTask.TakeTurn turn) {
            return TurnLoan.take(owner, turn);
        }
        if (task instanceof OwnerTask.Measure measure) {
            return owner instanceof Vma vma ? new OwnerReply.VmaMeasured(task.number(), VmaMeasure.of(vma))
                    : new OwnerReply.Measured(task.number(), measure.briefly() ? MachineMeasure.briefly(owner) : MachineMeasure.of(owner));
        }
        if (task instanceof OwnerTask.See see) {
            Workload workload = (Workload) owner;
            workload.seen(see.metrics(), see.vmas());
            return new OwnerReply.Saw(see.number(), workload.status());
        }
        if (task instanceof OwnerTask.Sampled sampled) {
            Workload workload = (Workload) owner;
            sampled.measure().sampleTo(workload, sampled.tick());
            return new OwnerReply.Saw(sampled.number(), workload.status());
        }
        OwnerTask.Report report = (OwnerTask.Report) task;
        return new OwnerReply.Reported(report.number(), owner.hash(Encoder.forHashing()), report.state() ? OwnerImage.write(owner) : null);
    }

    @Override
    public Behavior<OwnerTask> receive(TypedActorContext<OwnerTask> context, OwnerTask task) {
        task.replyTo().tell(answer(owner, task));
        return this;
    }

    @Override
    public Behavior<OwnerTask> receiveSignal(TypedActorContext<OwnerTask> context, Signal signal) {
        return this;
    }
}
