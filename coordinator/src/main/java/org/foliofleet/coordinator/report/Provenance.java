package org.foliofleet.coordinator.report;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.Properties;
import org.foliofleet.protocol.control.ExperimentSource;
import org.foliofleet.protocol.experiment.Execution;
import org.foliofleet.protocol.experiment.Execution.Hosting;

/**
 * Where a result is from.
 *
 * @param id              of the experiment, or empty: it had none
 * @param execution       how it was run at last, or null: on threads, without a journal
 * @param submittedMillis wall time, or 0: not known
 * @param endedMillis     wall time, or 0: not known
 */
public record Provenance(String id, ExperimentSource source, Execution execution, long submittedMillis, long endedMillis) {
    private static final String VERSION = "/org/foliofleet/coordinator/cli/version.properties";

    /** Of a run that was not kept. */
    public static Provenance unkept(ExperimentSource source) {
        return new Provenance("", source, null, 0, 0);
    }

    /** How it was run, in words. */
    public String hosting() {
        if (execution == null) {
            return "on threads of one JVM, without actors and without a journal";
        }
        String lanes = execution.lanes() == 1 ? "" : ", spread over " + execution.lanes() + " lanes";
        return (execution.hosting() == Hosting.OWNER ? "an actor for every process, VMA, NUMA node and so on" : "an actor for every machine") + lanes
            + "; epochs of " + Quantities.grouped(execution.epochTicks()) + (execution.epochTicks() == 1 ? " tick" : " ticks") + ", a commit "
            + (execution.commitMillis() == 0 ? "at every epoch" : "every " + Quantities.grouped(execution.commitMillis()) + " ms");
    }

    /** The version of this program. */
    public static String version() {
        Properties properties = new Properties();
        try (InputStream in = Provenance.class.getResourceAsStream(VERSION)) {
            properties.load(in);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return properties.getProperty("version");
    }
}
