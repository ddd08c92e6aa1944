package org.foliofleet.protocol;

/**
 * A file or argument given by a person cannot be used. The message stands alone: where (file, line), what is wrong, and
 * what to do about it. It is shown as it is, without a stack trace.
 */
public class BadInput extends RuntimeException {
    private static final long serialVersionUID = 1L;

    public BadInput(String message) {
        super(message);
    }
}
