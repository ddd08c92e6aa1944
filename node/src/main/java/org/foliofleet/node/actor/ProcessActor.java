package org.foliofleet.node.actor;

import akka.actor.typed.ActorRef;
import akka.actor.typed.Behavior;
import akka.actor.typed.javadsl.AbstractBehavior;
import akka.actor.typed.javadsl.ActorContext;
import akka.actor.typed.javadsl.Behaviors;
import akka.actor.typed.javadsl.Receive;
import org.agrona.collections.Long2ObjectHashMap;
import org.foliofleet.node.mm.flow.Owner;
import org.foliofleet.node.mm.machine.OwnerFactory;
import org.foliofleet.protocol.id.OwnerId;
import org.foliofleet.protocol.id.OwnerId.ProcessId;

/**
 * A process, which stands for its {@code mmap_lock}, and parent of the actors of its VMAs: passes them their tasks, does
 * its own meanwhile, and folds all answers into one. VMAs come to be with their first task.
 */
final class ProcessActor extends AbstractBehavior<ProcessTask> {
    private final OwnerActors vmaActors;
    private final Long2ObjectHashMap<ActorRef<OwnerTask>> vmas = new Long2ObjectHashMap<>();
    /** Null before its first task, and when it has ended before its VMAs. */
    private Owner process;
    private long spawned;
    private OwnerReply[] replies;
    private int replyCount;
    private ActorRef<? super FoldedReplies> replyTo;
    private ProcessMeasuring measuring;

    private ProcessActor(ActorContext<ProcessTask> context, OwnerActors vmaActors) {
        super(context);
        this.vmaActors = vmaActors;
    }

    static Behavior<ProcessTask> create(OwnerActors vmaActors) {
        return Behaviors.setup(context -> new ProcessActor(context, vmaActors));
    }

    @Override
    public Receive<ProcessTask> createReceive() {
        return newReceiveBuilder()
                .onMessage(OwnerReply.class, this::onReply)
                .onMessage(ProcessTask.Batch.class, this::onBatch)
                .onMessage(ProcessTask.Forget.class, this::onForget)
                .onMessage(ProcessTask.Measure.class, this::onMeasure)
                .onMessage(ProcessTask.Adopt.class, this::onAdopt)
                .build();
    }

    private Behavior<ProcessTask> onReply(OwnerReply reply) {
        if (reply instanceof OwnerReply.VmaMeasured measured) {
            measuring.add(measured);
            return this;
        }
        replies[replyCount++] = reply;
        if (replyCount == replies.length) {
            FoldedReplies folded = new FoldedReplies(replies);
            replies = null;
            replyTo.tell(folded);
        }
        return this;
    }

    private Behavior<ProcessTask> onBatch(ProcessTask.Batch batch) {
        replies = new OwnerReply[batch.tasks().size()];
        replyCount = 0;
        replyTo = batch.replyTo();
        OwnerTask own = null;
        for (ProcessTask.Addressed each : batch.tasks()) {
            OwnerId owner = OwnerId.of(each.owner());
            if (owner instanceof ProcessId) {
                own = each.task();
                if (process == null) {
                    process = OwnerFactory.create(owner);
                }
            } else {
                ActorRef<OwnerTask> vma = vmas.get(each.owner());
                if (vma == null) {
                    vma = spawn(OwnerFactory.create(owner));
                }
                vma.tell(each.task());
            }
        }
        return own == null ? this : onReply(OwnerActor.answer(process, own));
    }

    private Behavior<ProcessTask> onMeasure(ProcessTask.Measure measure) {
        measuring = new ProcessMeasuring(measure, process, vmas.size());
        OwnerTask task = new OwnerTask.Measure(0, false, getContext().getSelf());
        vmas.values().forEach(vma -> vma.tell(task));
        return this;
    }

    private Behavior<ProcessTask> onForget(ProcessTask.Forget forget) {
        ActorRef<OwnerTask> vma = vmas.remove(forget.owner());
        if (vma != null) {
            getContext().stop(vma);
        } else if (process != null && process.key() == forget.owner()) {
            process = null;
        }
        return this;
    }

    private Behavior<ProcessTask> onAdopt(ProcessTask.Adopt adopt) {
        for (Owner owner : adopt.owners()) {
            if (owner.id() instanceof ProcessId) {
                process = owner;
            } else {
                spawn(owner);
            }
        }
        return this;
    }

    /** Children's names ascend, so that a new one goes where the one before went: Akka keeps them in a tree. */
    private ActorRef<OwnerTask> spawn(Owner vma) {
        ActorRef<OwnerTask> actor = getContext().spawn(UnbornActor.BEHAVIOR, UnbornActor.name(spawned++));
        actor.tell(new OwnerTask.Become(vmaActors.create(vma)));
        vmas.put(vma.key(), actor);
        return actor;
    }
}
