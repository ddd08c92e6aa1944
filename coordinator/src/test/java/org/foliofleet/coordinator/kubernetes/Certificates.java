package org.foliofleet.coordinator.kubernetes;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.security.GeneralSecurityException;
import java.security.Key;
import java.security.KeyStore;
import java.security.cert.Certificate;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import org.foliofleet.coordinator.embedded.Deployment;

/** An authority, and certificates of it, as cert-manager writes them; made by the JDK's keytool. */
final class Certificates {
    private static final String PASSWORD = "changeit";
    private final Path directory;
    private final Path store;

    /** @param directory for the keys of the authority */
    Certificates(Path directory) throws IOException, InterruptedException {
        this.directory = directory;
        store = directory.resolve("authority.p12");
        keytool("-genkeypair", "-alias", "authority", "-dname", "CN=authority", "-keyalg", "RSA", "-keysize", "2048", "-ext", "bc:c=ca:true");
    }

    private void keytool(String... arguments) throws IOException, InterruptedException {
        List<String> command = new ArrayList<>(List.of(Path.of(System.getProperty("java.home"), "bin", "keytool").toString(), "-J-XX:TieredStopAtLevel=1"));
        command.addAll(Arrays.asList(arguments));
        command.addAll(List.of("-keystore", store.toString(), "-storetype", "PKCS12", "-storepass", PASSWORD));
        Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
        String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        if (!process.waitFor(60, TimeUnit.SECONDS) || process.exitValue() != 0) {
            throw new IOException(said);
        }
    }

    /** Writes a new key and certificate in place of those that are there. */
    void issue(String subject, Path secret) throws IOException, InterruptedException, GeneralSecurityException {
        String alias = "member" + System.nanoTime();
        keytool("-genkeypair", "-alias", alias, "-dname", "CN=" + subject, "-keyalg", "RSA", "-keysize", "2048", "-signer", "authority",
                "-ext", "san=dns:" + subject);
        KeyStore keys = KeyStore.getInstance(store.toFile(), PASSWORD.toCharArray());
        Key key = keys.getKey(alias, PASSWORD.toCharArray());
        Certificate certificate = keys.getCertificate(alias);
        Files.createDirectories(secret);
        write(secret.resolve(Deployment.AUTHORITY), "CERTIFICATE", keys.getCertificate("authority").getEncoded());
        write(secret.resolve(Deployment.KEY), "PRIVATE KEY", key.getEncoded());
        write(secret.resolve(Deployment.CERTIFICATE), "CERTIFICATE", certificate.getEncoded());
    }

    /** What a server of that name shows. */
    SSLContext server(String name) throws IOException, InterruptedException, GeneralSecurityException {
        issue(name, directory.resolve("server"));
        KeyStore keys = KeyStore.getInstance(store.toFile(), PASSWORD.toCharArray());
        keys.deleteEntry("authority");
        KeyManagerFactory managers = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
        managers.init(keys, PASSWORD.toCharArray());
        SSLContext context = SSLContext.getInstance("TLS");
        context.init(managers.getKeyManagers(), null, null);
        return context;
    }

    /** The certificate of the authority, which those who trust it have. */
    Path authority() {
        return directory.resolve("server").resolve(Deployment.AUTHORITY);
    }

    private void write(Path file, String what, byte[] encoded) throws IOException {
        Path whole = directory.resolve("whole");
        Files.writeString(whole, pem(what, encoded));
        Files.move(whole, file, StandardCopyOption.REPLACE_EXISTING);
    }

    private static String pem(String what, byte[] encoded) {
        return "-----BEGIN " + what + "-----\n" + Base64.getMimeEncoder(64, new byte[] {'\n'}).encodeToString(encoded) + "\n-----END " + what + "-----\n";
    }
}
