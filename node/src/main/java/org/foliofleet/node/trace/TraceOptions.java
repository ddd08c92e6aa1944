package org.foliofleet.node.trace;

import java.nio.file.Path;

/**
 * What is asked of a run.
 *
 * @param trace the file
 * @param thp   {@code auto}, {@code always}, {@code madvise} or {@code never}
 * @param seed  draws the pages that are read again
 * @param json  where to write the result, or null
 */
public record TraceOptions(Path trace, String thp, long seed, Path json) {}
