package org.foliofleet.coordinator.kubernetes;

import io.fabric8.kubernetes.api.model.GenericKubernetesResource;
import io.fabric8.kubernetes.client.dsl.base.ResourceDefinitionContext;
import io.fabric8.kubernetes.client.utils.Serialization;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.foliofleet.protocol.BadInput;
import org.foliofleet.protocol.control.ExperimentSource;

/** A resource of the kind Experiment, as deploy/base/experiment-crd.yaml describes it. */
final class ExperimentResource {
    static final String GROUP = "foliofleet.org";
    static final String VERSION = "v1alpha1";
    static final String KIND = "Experiment";
    static final String PLURAL = "experiments";
    /** Keeps a resource that was deleted until its experiment is cancelled. */
    static final String FINALIZER = GROUP + "/cancel";

    private static final int UID_DIGITS = 8;
    private static final int MOST_OF_NAME = 54;

    private final GenericKubernetesResource resource;

    ExperimentResource(GenericKubernetesResource resource) {
        this.resource = resource;
    }

    static ResourceDefinitionContext context() {
        return new ResourceDefinitionContext.Builder().withGroup(GROUP).withVersion(VERSION).withKind(KIND).withPlural(PLURAL).withNamespaced(true).build();
    }

    GenericKubernetesResource resource() {
        return resource;
    }

    String name() {
        return resource.getMetadata().getName();
    }

    boolean isDeleted() {
        return resource.getMetadata().getDeletionTimestamp() != null;
    }

    boolean hasFinalizer() {
        return resource.getMetadata().getFinalizers().contains(FINALIZER);
    }

    long generation() {
        Long generation = resource.getMetadata().getGeneration();
        return generation == null ? 0 : generation;
    }

    /**
     * The id of its experiment: another for a resource of the same name that is made after this one was deleted, and always the
     * same for this one, so that it is submitted once.
     */
    String id() {
        String uid = String.valueOf(resource.getMetadata().getUid()).replaceAll("[^0-9a-z]", "");
        return name().substring(0, Math.min(name().length(), MOST_OF_NAME)) + "-" + uid.substring(Math.max(0, uid.length() - UID_DIGITS));
    }

    boolean isPaused() {
        return Boolean.TRUE.equals(resource.get("spec", "paused"));
    }

    /** What was written last, by its name. */
    Map<?, ?> status() {
        return resource.get("status") instanceof Map<?, ?> status ? status : Map.of();
    }

    /**
     * What is to be run.
     *
     * @throws BadInput if it does not say that, or what it says cannot be read
     */
    ExperimentSource source() {
        Object bundled = resource.get("spec", "bundled");
        Object file = resource.get("spec", "file");
        Object written = resource.get("spec", "experiment");
        if (Stream.of(bundled, file, written).filter(Objects::nonNull).count() != 1) {
            throw new BadInput("write one of spec.experiment, as in a file, spec.file, the text of one, and spec.bundled, the name of a bundled one");
        }
        ExperimentSource source = bundled != null ? bundled(bundled.toString())
                : new ExperimentSource(name(), file != null ? file.toString() : Serialization.asYaml(written), null, Map.of(), null);
        Object seed = resource.get("spec", "seed");
        return (seed instanceof Number number ? source.withSeed(number.longValue()) : source).withSwitches(switches());
    }

    private static ExperimentSource bundled(String name) {
        // A name that is no bundled one would be taken for a file of the coordinator's.
        if (!name.matches("[a-z][a-z0-9-]*")) {
            throw new BadInput("spec.bundled '" + name + "' is no name of a bundled experiment; such as fork-cow-storm");
        }
        return ExperimentSource.of(name);
    }

    private Map<String, String> switches() {
        Map<String, String> switches = new TreeMap<>();
        if (resource.get("spec", "switches") instanceof Map<?, ?> written) {
            written.forEach((name, value) -> switches.put(name.toString(), String.valueOf(value)));
        }
        return switches;
    }

    /** Digest of all that is run, to see whether it was changed. */
    String written() {
        try {
            MessageDigest digest = MessageDigest.getInstance("SHA-256");
            for (String part : new String[] {"bundled", "experiment", "file", "seed", "switches"}) {
                Object value = resource.get("spec", part);
                digest.update((part + (value == null ? "" : Serialization.asJson(value)) + "\n").getBytes(StandardCharsets.UTF_8));
            }
            return HexFormat.of().formatHex(digest.digest(), 0, UID_DIGITS);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every JVM has it", e);
        }
    }
}
