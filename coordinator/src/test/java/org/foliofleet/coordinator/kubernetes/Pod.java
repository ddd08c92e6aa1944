package org.foliofleet.coordinator.kubernetes;

import com.fasterxml.jackson.databind.JsonNode;
import io.fabric8.kubernetes.api.model.PodBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;

/** A pod of a manifest: a JVM with its arguments and environment, on a loopback address of its own, as pods have addresses of their own. */
final class Pod implements AutoCloseable {
    private final KubernetesClient kubernetes;
    private final String name;
    private final String address;
    private final Process process;
    private final StringBuilder said = new StringBuilder();

    private Pod(KubernetesClient kubernetes, String name, String address, Process process) {
        this.kubernetes = kubernetes;
        this.name = name;
        this.address = address;
        this.process = process;
        Thread reader = new Thread(() -> {
            try (BufferedReader lines = process.inputReader(StandardCharsets.UTF_8)) {
                lines.lines().forEach(line -> {
                    synchronized (said) {
                        said.append(name).append(": ").append(line).append('\n');
                    }
                });
            } catch (IOException | RuntimeException e) {
                // The process is gone.
                return;
            }
        });
        reader.setDaemon(true);
        reader.start();
    }

    /**
     * @param workload of which it is a pod
     * @param settings the ConfigMap that it names
     * @param instead  environment that is another here than where the manifests are meant for
     * @param options  of the JVM: where files are that Kubernetes mounts
     */
    static Pod start(KubernetesClient kubernetes, String name, String address, JsonNode workload, JsonNode settings, Map<String, String> instead,
            List<String> options) throws IOException {
        JsonNode template = workload.at("/spec/template");
        JsonNode container = template.at("/spec/containers/0");
        Map<String, String> environment = new TreeMap<>();
        settings.path("data").fields().forEachRemaining(each -> environment.put(each.getKey(), each.getValue().asText()));
        List<String> command = new ArrayList<>(List.of(Path.of(System.getProperty("java.home"), "bin", "java").toString()));
        container.path("env").forEach(each -> {
            if (each.path("name").asText().equals("JDK_JAVA_OPTIONS")) {
                command.addAll(List.of(each.path("value").asText().strip().split(" +")));
            } else {
                environment.put(each.path("name").asText(), each.has("valueFrom") ? address : each.path("value").asText());
            }
        });
        environment.putAll(instead);
        // Of a machine that several share.
        command.addAll(List.of("-Xms32m", "-Xmx256m", "-XX:TieredStopAtLevel=1"));
        command.addAll(options);
        command.addAll(List.of("-cp", System.getProperty("java.class.path"), "org.foliofleet.coordinator.cli.Cli"));
        container.path("args").forEach(each -> command.add(each.asText().replace("$(POD_IP)", address).replace("0.0.0.0", address)));
        ProcessBuilder builder = new ProcessBuilder(command).redirectErrorStream(true);
        builder.environment().putAll(environment);
        PodBuilder pod = new PodBuilder().withNewMetadata().withName(name).endMetadata().withNewSpec().addNewContainer()
                .withName(container.path("name").asText()).endContainer().endSpec()
                .withNewStatus().withPhase("Running").withPodIP(address).addNewContainerStatus().withName(container.path("name").asText())
                .withNewState().withNewRunning().endRunning().endState().endContainerStatus().endStatus();
        Map<String, String> labels = new TreeMap<>();
        template.at("/metadata/labels").fields().forEachRemaining(each -> labels.put(each.getKey(), each.getValue().asText()));
        pod.editMetadata().withLabels(labels).endMetadata();
        container.path("ports").forEach(port -> pod.editSpec().editFirstContainer().addNewPort().withName(port.path("name").asText())
                .withContainerPort(port.path("containerPort").asInt()).endPort().endContainer().endSpec());
        kubernetes.pods().inNamespace("foliofleet").resource(pod.build()).create();
        return new Pod(kubernetes, name, address, builder.start());
    }

    String address() {
        return address;
    }

    String said() {
        synchronized (said) {
            return said.toString() + (process.isAlive() ? "" : name + " has ended with " + process.exitValue() + "\n");
        }
    }

    void kill() throws InterruptedException {
        process.destroyForcibly().waitFor(60, TimeUnit.SECONDS);
    }

    /** As Kubernetes ends a pod that it deletes. @return the exit status */
    int leave() throws InterruptedException {
        kubernetes.pods().inNamespace("foliofleet").withName(name).delete();
        process.destroy();
        if (!process.waitFor(60, TimeUnit.SECONDS)) {
            throw new AssertionError(name + " does not end:\n" + said());
        }
        return process.exitValue();
    }

    @Override
    public void close() {
        process.destroyForcibly();
    }
}
