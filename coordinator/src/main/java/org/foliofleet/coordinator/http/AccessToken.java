package org.foliofleet.coordinator.http;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;
import java.util.regex.Pattern;
import org.foliofleet.protocol.BadInput;

/** A secret that those know who may change something. It is sent and compared, and never shown. */
public final class AccessToken {
    private static final int MOST_BYTES = 4096;
    private static final Pattern TOKEN = Pattern.compile("[A-Za-z0-9._~+/-]{16,512}=*");
    private static final String SCHEME = "bearer ";

    private final String secret;

    private AccessToken(String secret) {
        this.secret = secret;
    }

    /**
     * What a file says.
     *
     * @throws BadInput if it can not be read, or what it says is no token
     */
    public static AccessToken ofFile(Path file) {
        byte[] bytes;
        try (InputStream in = Files.newInputStream(file)) {
            bytes = in.readNBytes(MOST_BYTES);
        } catch (IOException e) {
            throw new BadInput("token file " + file + ": can not be read (" + e.getClass().getSimpleName().replaceAll("Exception$", "")
                    + "); make one with: head -c 32 /dev/urandom | base64 > FILE");
        }
        String text = new String(bytes, StandardCharsets.UTF_8).strip();
        if (!TOKEN.matcher(text).matches()) {
            throw new BadInput("token file " + file + ": holds no token of 16 to 512 letters, digits and . _ ~ + / -; make one with:"
                    + " head -c 32 /dev/urandom | base64 > FILE");
        }
        return new AccessToken(text);
    }

    /** What a client sends as {@code Authorization}. */
    String header() {
        return "Bearer " + secret;
    }

    /** Whether that header of a request holds it; takes as long whatever it holds. @param header may be null */
    boolean isIn(String header) {
        if (header == null || !header.regionMatches(true, 0, SCHEME, 0, SCHEME.length())) {
            return false;
        }
        byte[] given = hash(header.substring(SCHEME.length()).strip());
        boolean equal = MessageDigest.isEqual(given, hash(secret));
        Arrays.fill(given, (byte) 0);
        return equal;
    }

    private static byte[] hash(String text) {
        try {
            return MessageDigest.getInstance("SHA-256").digest(text.getBytes(StandardCharsets.UTF_8));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java has SHA-256", e);
        }
    }

    @Override
    public String toString() {
        return "a token";
    }
}
