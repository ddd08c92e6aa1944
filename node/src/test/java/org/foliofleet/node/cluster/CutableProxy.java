package org.foliofleet.node.cluster;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * A TCP port that leads to another, and a network that can fail in between: for everybody, or for those who come from an
 * address.
 */
final class CutableProxy implements AutoCloseable {
    private static final int BUFFER_BYTES = 1 << 16;

    private final ServerSocket server;
    private final InetSocketAddress target;
    private final List<Link> links = new ArrayList<>();
    private final Set<InetAddress> cutOff = new HashSet<>();
    private boolean cut;
    private boolean stalled;

    /** @param target may begin to listen later */
    CutableProxy(InetAddress address, InetSocketAddress target) {
        this.target = target;
        try {
            server = new ServerSocket(0, 50, address);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        daemon("proxy to " + target, this::accept);
    }

    /** Two sockets, one towards each side. */
    private record Link(InetAddress from, Socket near, Socket far) {
        void close() {
            closeQuietly(near);
            closeQuietly(far);
        }
    }

    private static void daemon(String name, Runnable what) {
        Thread thread = new Thread(what, name);
        thread.setDaemon(true);
        thread.start();
    }

    private static void closeQuietly(Socket socket) {
        try {
            socket.setSoLinger(true, 0);
            socket.close();
        } catch (IOException e) {
            // It is closed already.
        }
    }

    int port() {
        return server.getLocalPort();
    }

    private void accept() {
        while (!server.isClosed()) {
            try {
                Socket near = server.accept();
                daemon("connection to " + target, () -> connect(near));
            } catch (IOException e) {
                // Closed, or the next may come through.
            }
        }
    }

    private synchronized boolean isCut(InetAddress from) {
        return cut || cutOff.contains(from);
    }

    private void connect(Socket near) {
        Socket far = new Socket();
        Link link = new Link(near.getInetAddress(), near, far);
        try {
            if (!isCut(link.from())) {
                far.connect(target);
                near.setTcpNoDelay(true);
                far.setTcpNoDelay(true);
                synchronized (this) {
                    links.add(link);
                }
                daemon("bytes to " + target, () -> carry(link, near, far));
                carry(link, far, near);
            }
        } catch (IOException e) {
            // Nobody listens there.
        }
        link.close();
        synchronized (this) {
            links.remove(link);
        }
    }

    private void carry(Link link, Socket from, Socket to) {
        byte[] buffer = new byte[BUFFER_BYTES];
        try {
            InputStream in = from.getInputStream();
            OutputStream out = to.getOutputStream();
            for (int count = in.read(buffer); count >= 0; count = in.read(buffer)) {
                awaitFlow();
                if (isCut(link.from())) {
                    break;
                }
                out.write(buffer, 0, count);
            }
        } catch (IOException e) {
            // One side has gone, the other goes too.
        }
        link.close();
    }

    private synchronized void awaitFlow() {
        while (stalled) {
            try {
                wait();
            } catch (InterruptedException e) {
                throw new IllegalStateException(e);
            }
        }
    }

    /** Connections break, and no new one is made. */
    void cut() {
        breakLinks(true, Set.of());
    }

    /** The same for those who come from these addresses. */
    void cutOff(Set<InetAddress> addresses) {
        breakLinks(false, addresses);
    }

    private void breakLinks(boolean all, Set<InetAddress> addresses) {
        List<Link> broken;
        synchronized (this) {
            cut |= all;
            cutOff.addAll(addresses);
            broken = links.stream().filter(link -> isCut(link.from())).toList();
        }
        broken.forEach(Link::close);
    }

    /** Connections live on, but nothing arrives any more. */
    synchronized void stall() {
        stalled = true;
    }

    /** All is well again; what was stalled arrives. */
    synchronized void heal() {
        cut = false;
        stalled = false;
        cutOff.clear();
        notifyAll();
    }

    @Override
    public void close() {
        try {
            server.close();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        cut();
        heal();
    }
}
