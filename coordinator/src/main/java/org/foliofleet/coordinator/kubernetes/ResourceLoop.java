package org.foliofleet.coordinator.kubernetes;

import io.fabric8.kubernetes.api.model.GenericKubernetesResource;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.fabric8.kubernetes.client.dsl.Resource;
import io.fabric8.kubernetes.client.dsl.base.PatchContext;
import io.fabric8.kubernetes.client.dsl.base.PatchType;
import io.fabric8.kubernetes.client.utils.Serialization;
import java.net.HttpURLConnection;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.foliofleet.coordinator.experiment.Experiments;
import org.foliofleet.protocol.BadInput;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Looks at all Experiments of a namespace from time to time. One of a cluster does so. */
final class ResourceLoop implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(ResourceLoop.class);
    private static final PatchContext MERGE = PatchContext.of(PatchType.JSON_MERGE);

    private final KubernetesClient client;
    private final Reconciler reconciler;
    private final ScheduledExecutorService thread = Executors.newSingleThreadScheduledExecutor(task -> {
        Thread made = new Thread(task, "experiment-resources");
        made.setDaemon(true);
        return made;
    });
    private String trouble = "";

    /** Begins. @param clients makes what asks the Kubernetes API; closed in the end */
    ResourceLoop(Supplier<KubernetesClient> clients, Experiments experiments, Duration beat) {
        client = clients.get();
        reconciler = new Reconciler(experiments, Instant::now);
        thread.scheduleWithFixedDelay(this::look, 0, beat.toMillis(), TimeUnit.MILLISECONDS);
    }

    private void look() {
        try {
            for (GenericKubernetesResource each : client.genericKubernetesResources(ExperimentResource.context()).inNamespace(client.getNamespace()).list().getItems()) {
                if (thread.isShutdown()) {
                    return;
                }
                lookAt(new ExperimentResource(each));
            }
            trouble = "";
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } catch (RuntimeException e) {
            tell("experiments of the namespace cannot be looked after now: " + e.getMessage(), e);
        }
    }

    /** Once for each trouble; the next look tries again. */
    private void tell(String what, RuntimeException cause) {
        if (!what.equals(trouble) && !thread.isShutdown()) {
            LOG.warn(what, cause instanceof BadInput || cause instanceof KubernetesClientException ? null : cause);
            trouble = what;
        }
    }

    private void lookAt(ExperimentResource resource) throws InterruptedException {
        try {
            if (resource.isDeleted()) {
                if (resource.hasFinalizer()) {
                    reconciler.delete(resource);
                    of(resource).edit(found -> {
                        found.getMetadata().getFinalizers().remove(ExperimentResource.FINALIZER);
                        return found;
                    });
                }
                return;
            }
            if (!resource.hasFinalizer()) {
                of(resource).edit(found -> {
                    found.getMetadata().getFinalizers().add(ExperimentResource.FINALIZER);
                    return found;
                });
            }
            write(resource, reconciler.reconcile(resource));
        } catch (KubernetesClientException e) {
            // Deleted or changed meanwhile: the next look sees it as it is then.
            if (e.getCode() != HttpURLConnection.HTTP_NOT_FOUND && e.getCode() != HttpURLConnection.HTTP_CONFLICT) {
                throw e;
            }
        } catch (BadInput | IllegalStateException e) {
            tell("experiment " + resource.name() + " cannot be looked after now: " + e.getMessage(), e);
        }
    }

    private void write(ExperimentResource resource, Map<String, Object> status) {
        String before = Serialization.asJson(resource.status());
        Map<String, Object> patch = new HashMap<>(status);
        resource.status().keySet().forEach(name -> patch.putIfAbsent(name.toString(), null));
        if (!Serialization.unmarshal(before, Map.class).equals(Serialization.unmarshal(Serialization.asJson(status), Map.class))) {
            of(resource).subresource("status").patch(MERGE, json(patch));
        }
    }

    /** With what is null: a merge takes it away. */
    private static String json(Map<String, Object> patch) {
        StringBuilder text = new StringBuilder("{\"status\":{");
        String comma = "";
        for (Map.Entry<String, Object> each : patch.entrySet()) {
            text.append(comma).append(Serialization.asJson(each.getKey())).append(':').append(each.getValue() == null ? "null" : Serialization.asJson(each.getValue()));
            comma = ",";
        }
        return text.append("}}").toString();
    }

    private Resource<GenericKubernetesResource> of(ExperimentResource resource) {
        return client.genericKubernetesResources(ExperimentResource.context()).inNamespace(client.getNamespace()).withName(resource.name());
    }

    @Override
    public void close() {
        thread.shutdownNow();
        client.close();
    }
}
