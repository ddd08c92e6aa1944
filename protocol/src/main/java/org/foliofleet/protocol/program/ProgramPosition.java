package org.foliofleet.protocol.program;

import java.util.List;
import java.util.Map;
import org.foliofleet.protocol.id.PageRange;

/**
 * Where a process is in its program: all that a {@link ProgramCursor} needs to go on, as values.
 *
 * @param program name of the program
 * @param stream  key of its random draws
 * @param draws   how many were made
 * @param forks   children asked for
 * @param frames  {@link ProgramCursor#position}
 * @param regions by name, where they were last mapped
 */
public record ProgramPosition(String program, long stream, long draws, long forks, List<Long> frames, Map<String, PageRange> regions) {}
