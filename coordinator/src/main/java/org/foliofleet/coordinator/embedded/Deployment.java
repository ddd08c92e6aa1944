package org.foliofleet.coordinator.embedded;

import akka.actor.typed.ActorSystem;
import akka.management.cluster.bootstrap.ClusterBootstrap;
import akka.management.javadsl.AkkaManagement;
import com.typesafe.config.Config;
import com.typesafe.config.ConfigFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.foliofleet.node.cluster.ClusterSettings;
import org.foliofleet.node.journal.DatabaseAddress;
import org.foliofleet.protocol.BadInput;

/**
 * What the place where a member runs adds to it: how it finds the others, where it is asked how it is, and how members know
 * each other.
 *
 * @param pods         finds the members among pods, or null
 * @param probed       where {@code /ready} and {@code /alive} are answered, or null: nowhere
 * @param certificates directory with {@value #CERTIFICATE}, {@value #KEY} and {@value #AUTHORITY}, which may be exchanged while
 *                     members run; null: members trust their network
 */
public record Deployment(Pods pods, Address probed, Path certificates) {
    /** Of this member, which the others ask for. Others are let in if theirs names the same subject. */
    public static final String CERTIFICATE = "tls.crt";
    /** To it. */
    public static final String KEY = "tls.key";
    /** Who signs certificates of members. */
    public static final String AUTHORITY = "ca.crt";
    /** A member that trusts its network and whose seeds somebody names. */
    public static final Deployment PLAIN = new Deployment(null, null, null);

    /**
     * Members are the pods of this namespace that have certain labels.
     *
     * @param labels selects them, as Kubernetes writes it
     * @param enough how many must be seen before a cluster is begun
     */
    public record Pods(String labels, int enough) {
        /** What the manifests in deploy/ call them. */
        public static final String USUAL = "app.kubernetes.io/part-of=foliofleet";

        /** @throws BadInput if one cannot find pods by that */
        public Pods {
            if (enough < 1) {
                throw new BadInput("a cluster begins with at least 1 contact point, not with " + enough);
            }
            if (labels.isBlank() || labels.contains("%")) {
                throw new BadInput("'" + labels + "' selects no pods; write it like " + USUAL);
            }
        }
    }

    /** A host, and a port of it. */
    public record Address(String host, int port) {}

    /**
     * @throws BadInput if members could not find each other, or certificates are not there
     */
    public Deployment {
        if (pods != null && probed == null) {
            throw new BadInput("pods find each other at the address where they are probed; name one with --management");
        }
        if (certificates != null) {
            for (String file : List.of(CERTIFICATE, KEY, AUTHORITY)) {
                if (!Files.isReadable(certificates.resolve(file))) {
                    throw new BadInput("certificates " + certificates + ": there is no " + file + " that can be read; a member needs " + CERTIFICATE
                            + ", " + KEY + " and " + AUTHORITY);
                }
            }
        }
    }

    /**
     * What a pod is given as a value of its environment is seen by whoever may list pods.
     *
     * @param environment by name
     * @throws BadInput if the password of the database is among it, and this is a pod
     */
    void requireSecrets(Map<String, String> environment) {
        if (pods != null && environment.get(DatabaseAddress.PASSWORD) != null) {
            throw new BadInput(DatabaseAddress.PASSWORD + ": whoever may list pods sees it; mount a secret, name its file in " + DatabaseAddress.PASSWORD_FILE
                    + " and leave this out");
        }
    }

    Config config() {
        Map<String, Object> values = new HashMap<>();
        if (probed != null) {
            values.put("akka.management.http.hostname", probed.host());
            values.put("akka.management.http.port", probed.port());
        }
        if (pods != null) {
            values.put(ClusterSettings.BOOTSTRAP, "kubernetes");
            values.put("akka.discovery.kubernetes-api.pod-label-selector", pods.labels());
            values.put("akka.management.cluster.bootstrap.contact-point-discovery.required-contact-point-nr", pods.enough());
        }
        if (certificates != null) {
            values.put("akka.remote.artery.transport", "tls-tcp");
            values.put("akka.remote.artery.ssl.rotating-keys-engine.secret-mount-point", certificates.toString());
        }
        return ConfigFactory.parseMap(values).withFallback(ConfigFactory.parseResources(Deployment.class.getClassLoader(), "deployment.conf"));
    }

    /** Answers probes and looks for the others, if that is wanted. */
    void begin(ActorSystem<?> system) {
        if (probed != null) {
            AkkaManagement.get(system).start().toCompletableFuture().join();
        }
        if (pods != null) {
            ClusterBootstrap.get(system).start();
        }
    }
}
