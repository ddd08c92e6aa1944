package org.foliofleet.coordinator.embedded;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.foliofleet.node.journal.DatabaseAddress;
import org.foliofleet.node.journal.HistoryFilter;
import org.foliofleet.node.journal.JournalDamage;
import org.foliofleet.node.journal.JournalDatabase;
import org.foliofleet.node.journal.MachineHistory;
import org.foliofleet.protocol.BadInput;
import org.foliofleet.protocol.control.MachineName;
import org.foliofleet.protocol.id.Frame;

/** What happened in a machine, from its journal; no actor is needed for that. */
public final class MachineStory {
    private static final Pattern FRAME = Pattern.compile("(?:([0-9]{1,3}):)?([0-9]{1,19})");

    private final JournalDatabase database;
    private final String machine;
    private HistoryFilter filter = HistoryFilter.all();

    private MachineStory(JournalDatabase database, String machine) {
        this.database = database;
        this.machine = machine;
    }

    /**
     * Something that happened.
     *
     * @param owner to whom, such as {@code process 3}
     */
    public record Event(long tick, String owner, String words) {}

    /**
     * The story of a machine.
     *
     * @param data     a directory of {@code foliofleet run}, or null
     * @param database URL of a database if there is no directory, or null: as the environment says
     * @throws BadInput if the name is none, or the database cannot be used
     */
    public static MachineStory of(String machine, Path data, String database) {
        try {
            MachineName.of(machine);
        } catch (IllegalArgumentException e) {
            throw new BadInput("machine '" + machine + "': this names none; write EXPERIMENT/CLASS/NUMBER, as in pin-half-unmap-1/host/0");
        }
        if (data != null && !Files.exists(data.resolve(Fleet.JOURNAL + ".mv.db"))) {
            throw new BadInput(data + ": there are no experiments in this directory; name the one that foliofleet run was given with --data");
        }
        DatabaseAddress address = data != null ? DatabaseAddress.ofFile(data.resolve(Fleet.JOURNAL)) : Fleet.address(database, System.getenv());
        return new MachineStory(JournalDatabase.open(address), machine);
    }

    /**
     * Only what names that page frame.
     *
     * @param frame {@code NUMBER} or {@code NODE:NUMBER}
     * @throws BadInput if it is none
     */
    public MachineStory ofFolio(String frame) {
        Matcher matcher = FRAME.matcher(frame);
        if (!matcher.matches()) {
            throw new BadInput("folio '" + frame + "': write the number of one of its page frames, or NODE:NUMBER");
        }
        try {
            long number = Long.parseLong(matcher.group(2));
            filter = HistoryFilter.ofFrame(matcher.group(1) == null ? number : Frame.of(Integer.parseInt(matcher.group(1)), number));
        } catch (NumberFormatException e) {
            throw new BadInput("folio '" + frame + "': there is no such frame; numbers have at most 63 bits");
        }
        return this;
    }

    /** Only what happened in a process, its VMAs and the anon_vma roots that it made. */
    public MachineStory ofProcess(int number) {
        filter = HistoryFilter.ofProcess(number);
        return this;
    }

    /**
     * Tells it in order.
     *
     * @return events that were not kept; 0 of a full history
     * @throws BadInput if the journal knows no such machine, or is damaged
     */
    public long tell(long fromTick, long toTick, Consumer<Event> sink) {
        AtomicBoolean any = new AtomicBoolean();
        HistoryFilter wanted = filter;
        try {
            long skipped = MachineHistory.read(database, machine, (owner, event) -> {
                any.set(true);
                return wanted.takes(owner, event);
            }, 0, toTick, entry -> {
                if (entry.tick() >= fromTick) {
                    sink.accept(new Event(entry.tick(), entry.owner().toString(), entry.words()));
                }
            });
            if (!any.get() && skipped == 0 && !ExperimentRows.hasMachine(database, machine)) {
                throw new BadInput("machine " + machine + ": nothing of it is in the journal of " + database + "; foliofleet list shows experiments,"
                        + " their files the classes of machines");
            }
            return skipped;
        } catch (JournalDamage e) {
            throw new BadInput(e.getMessage());
        }
    }
}
