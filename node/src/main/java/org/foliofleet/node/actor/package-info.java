/**
 * Machines hosted by actors. An actor only lends the turn: what happens in it is decided in {@code mm}, and nothing here
 * knows a page. So every hosting gives the same result, to the last bit.
 *
 * <p>{@code hosting: machine} is {@link org.foliofleet.node.actor.MachineActor}, which holds all owners of a machine.
 * {@code hosting: owner} is {@link org.foliofleet.node.actor.MachineClock} and an actor for every owner:
 *
 * <table>
 * <caption>Actors and the locks of the kernel that they stand for</caption>
 * <tr><th>owner</th><th>actor</th><th>lock</th><th>state it alone may change</th></tr>
 * <tr><td>process</td><td>{@link org.foliofleet.node.actor.ProcessActor}, child of the clock</td><td>{@code mmap_lock}</td>
 *     <td>VMA tree, holds, limits</td></tr>
 * <tr><td>VMA</td><td>{@link org.foliofleet.node.actor.OwnerActor}, child of its process</td><td>per-VMA lock and the page
 *     table locks under it</td><td>page-table entries</td></tr>
 * <tr><td>NUMA node</td><td>{@link org.foliofleet.node.actor.OwnerActor}, child of the clock, as all below</td>
 *     <td>zone, LRU, split queue and folio locks</td><td>frames, folios, queues, counters</td></tr>
 * <tr><td>address space</td><td></td><td>{@code i_pages}</td><td>page cache of a file</td></tr>
 * <tr><td>anon_vma root</td><td></td><td>{@code anon_vma->root}</td><td>the family of forked VMAs</td></tr>
 * <tr><td>swap, names, daemons</td><td></td><td>theirs</td><td>theirs</td></tr>
 * </table>
 *
 * <p>A machine may be spread over lanes, each of which may be in another JVM: {@link org.foliofleet.node.mm.machine.Lanes}
 * says which owner is where, and each lane has a clock ({@link org.foliofleet.node.actor.LaneClock}). In a tick all are
 * equal: at its end every lane sends every other one batch ({@link org.foliofleet.node.actor.LaneTicks}), and when a lane has
 * those of all, it routes everything in the order of the senders, in whatever lane they are. Between ticks the first lane,
 * {@link org.foliofleet.node.actor.MachineClock}, speaks for the machine and tells the others what to do. Packets between
 * lanes are numbered; one that is missing, doubled or late is a {@link org.foliofleet.node.actor.Disturbance}, after which the
 * machine has to step back.
 *
 * <p>Only the clock speaks to owners, and owners to nobody but the clock, those of a process through the process: it
 * begins the tick, hands everybody who is due the messages, and gets back what they have sent.
 */
package org.foliofleet.node.actor;
