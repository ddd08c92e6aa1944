/**
 * What machines leave in the database, so that they can go on after anything.
 *
 * <p>Each lane of a machine has a journal of numbered rows: {@code machine|NAME|LANE}. An epoch is rows of changed owners in
 * chunks, what happened to them, and {@code EpochPrepared}, which says that these are all; {@code EpochCommitted}, in the
 * journal of lane 0, names the end of that epoch in every lane and makes it count. A machine with one lane writes all of it
 * at once. With several, every lane answers {@code Prepare} when its part is written, then lane 0 is asked to
 * {@code CommitLanes}; no lane prepares an epoch before the one before is committed. What nobody committed did not happen.
 *
 * <p>Whoever wants to go on asks lane 0 to {@code Resume}. That reads, and writes {@code Resumed} with a new incarnation in
 * the place where whoever was before would write next: so they cannot, for these rows are never deleted. Then every other
 * lane is asked to {@code ResumeLane} at the same commit. When a machine goes on with another number of lanes, the leader
 * reads the rows of all old ones with {@link org.foliofleet.node.journal.LaneRows}, every lane begins anew, and the first
 * commit has all owners.
 *
 * <p>A journal's actor serves one incarnation and keeps no state of owners. What it writes, with owners that have not changed
 * taken in turns, becomes a whole image every so often ({@link org.foliofleet.node.journal.ImageSlices}); rows before the
 * last two images are deleted, but for branch points and histories. When it ends by failing,
 * {@link org.foliofleet.node.journal.JournalFailure} says what may help.
 */
package org.foliofleet.node.journal;
