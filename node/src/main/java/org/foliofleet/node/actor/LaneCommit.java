package org.foliofleet.node.actor;

import java.util.List;
import org.foliofleet.node.mm.machine.LaneSeal;

/**
 * A machine between two ticks, whose lanes have each told their host what has changed.
 *
 * @param tick   the last that was run
 * @param quiet  whether nothing is under way
 * @param digest of the machine
 * @param seals  of all lanes, in their order
 */
public record LaneCommit(long tick, boolean quiet, String digest, List<LaneSeal> seals) {}
