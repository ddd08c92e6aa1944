package org.foliofleet.protocol.serial;

/** The bytes are not what an {@link Encoder} of this version writes. */
public final class DecodingException extends RuntimeException {
    private static final long serialVersionUID = 1;

    public DecodingException(String message) {
        super(message);
    }

    public DecodingException(String message, Throwable cause) {
        super(message, cause);
    }
}
