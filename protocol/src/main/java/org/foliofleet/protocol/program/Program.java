package org.foliofleet.protocol.program;

import java.util.List;

/**
 * What a process does: an immutable tree of steps, shared by all processes that run it. A {@link ProgramCursor} walks
 * it and makes the random draws.
 *
 * @param name unique in its experiment
 */
public record Program(String name, List<Step> steps) {
    public Program {
        steps = List.copyOf(steps);
    }
}
