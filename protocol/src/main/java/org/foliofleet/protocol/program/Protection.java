package org.foliofleet.protocol.program;

/** What {@code PROT_READ}, {@code PROT_WRITE} and {@code PROT_EXEC} allow. */
public record Protection(boolean read, boolean write, boolean execute) {
    public static final Protection NONE = new Protection(false, false, false);
    public static final Protection READ = new Protection(true, false, false);
    public static final Protection READ_WRITE = new Protection(true, true, false);

    /** {@code none}, or letters of {@code rwx}, as scenarios write it. */
    @Override
    public String toString() {
        String letters = (read ? "r" : "") + (write ? "w" : "") + (execute ? "x" : "");
        return letters.isEmpty() ? "none" : letters;
    }
}
