package org.foliofleet.protocol.policy;

/**
 * Switches of one machine that can not be meant together: one of them does nothing, or asks for what another forbids.
 *
 * @param culprit the switch that departs from the kernel in vain
 * @param what    is wrong
 * @param remedy  what to do about it
 */
public record Contradiction(Switch culprit, String what, String remedy) {
    /** Both. */
    public String text() {
        return what + "; " + remedy;
    }
}
