package org.foliofleet.coordinator.http;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.net.SocketException;
import java.net.SocketTimeoutException;
import java.net.URI;
import java.nio.charset.StandardCharsets;

/** Bytes sent to a server as no decent client would send them. */
final class RawHttp {
    private RawHttp() {}

    /** Sends a text in lines that end as in HTTP, and reads what comes until the server ends the connection. */
    static String exchange(String url, String request) throws IOException {
        return exchange(url, request.replace("\n", "\r\n").getBytes(StandardCharsets.UTF_8), false, 30_000);
    }

    /** @param hangUp whether the client ends its side, so that nothing more can be hoped for */
    static String exchange(String url, byte[] request, boolean hangUp, int patienceMillis) throws IOException {
        ByteArrayOutputStream answer = new ByteArrayOutputStream();
        try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), URI.create(url).getPort())) {
            socket.setSoTimeout(patienceMillis);
            try {
                socket.getOutputStream().write(request);
                socket.getOutputStream().flush();
                if (hangUp) {
                    socket.shutdownOutput();
                }
                socket.getInputStream().transferTo(answer);
            } catch (SocketException | SocketTimeoutException e) {
                // what came until then is the answer
            }
        }
        return answer.toString(StandardCharsets.UTF_8);
    }
}
