package org.foliofleet.coordinator.cli;

import org.foliofleet.coordinator.http.HttpApi;
import org.foliofleet.protocol.BadInput;

/**
 * Where something listens.
 *
 * @param port 0 for any that is free
 */
record ListenAddress(String host, int port) {
    /**
     * The address of that text, which is free.
     *
     * @param option that gave it
     * @throws BadInput if it is none, or is taken
     */
    static ListenAddress of(String option, String text, int usualPort) {
        int colon = text.lastIndexOf(':');
        String port = text.substring(colon + 1);
        if (colon <= 0 || !port.matches("[0-9]{1,5}") || Integer.parseInt(port) > 65_535) {
            throw new BadInput(option + " " + text + ": this is no address; write it like 127.0.0.1:" + usualPort);
        }
        ListenAddress address = new ListenAddress(text.substring(0, colon), Integer.parseInt(port));
        HttpApi.requireFree(option, address.host, address.port);
        return address;
    }
}
