package org.foliofleet.node.journal;

import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Says why a journal could not be used, in one line. */
public final class JournalFailure {
    private static final Pattern ROW_IN_HAND = Pattern.compile("with sequence number \\[(\\d+)]");
    private static final Pattern LAST_GOOD_ROW = Pattern.compile("Last known sequence number \\[(\\d+)]");

    private JournalFailure() {}

    /** The row, as far as it is known, and the reason. */
    public static String explain(Throwable failure) {
        Throwable reason = failure;
        while (reason.getCause() != null) {
            reason = reason.getCause();
        }
        String text = String.valueOf(failure.getMessage());
        Matcher inHand = ROW_IN_HAND.matcher(text);
        Matcher lastGood = LAST_GOOD_ROW.matcher(text);
        if (inHand.find()) {
            return "row " + inHand.group(1) + ": " + reason.getMessage();
        }
        return lastGood.find() ? "row " + (Long.parseLong(lastGood.group(1)) + 1) + ": " + reason.getMessage() : String.valueOf(reason.getMessage());
    }
}
