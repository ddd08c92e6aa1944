package org.foliofleet.node.mm.ksm;

import java.util.ArrayList;
import java.util.List;
import org.foliofleet.protocol.message.Ksm.Content;
import org.foliofleet.protocol.serial.Decoder;
import org.foliofleet.protocol.serial.Encodable;
import org.foliofleet.protocol.serial.Encoder;

/**
 * A red-black tree by content, as lib/rbtree.c keeps it: what a search passes depends on its shape, and with that what the
 * search finds (R12.2).
 *
 * @param <V> what is kept; values, as they are written
 */
final class ContentTree<V> implements Encodable {
    private static final class Node<V> {
        Content content;
        V value;
        boolean red = true;
        Node<V> parent;
        Node<V> left;
        Node<V> right;
    }

    private Node<V> root;
    private int size;

    int size() {
        return size;
    }

    /** What a search for the content passes, from the root on; the last has that content if {@link #get} finds it. */
    List<V> path(Content content) {
        List<V> path = new ArrayList<>();
        for (Node<V> at = root; at != null; at = next(at, content)) {
            path.add(at.value);
        }
        return path;
    }

    private Node<V> next(Node<V> at, Content content) {
        int order = content.compareTo(at.content);
        return order == 0 ? null : order < 0 ? at.left : at.right;
    }

    V get(Content content) {
        Node<V> node = find(content);
        return node == null ? null : node.value;
    }

    private Node<V> find(Content content) {
        Node<V> at = root;
        while (at != null && content.compareTo(at.content) != 0) {
            at = next(at, content);
        }
        return at;
    }

    void clear() {
        root = null;
        size = 0;
    }

    /** Adds a content, or gives it another value ({@code rb_replace_node()}). */
    void put(Content content, V value) {
        Node<V> parent = null;
        for (Node<V> at = root; at != null; at = next(at, content)) {
            parent = at;
        }
        if (parent != null && content.compareTo(parent.content) == 0) {
            parent.value = value;
            return;
        }
        Node<V> node = new Node<>();
        node.content = content;
        node.value = value;
        node.parent = parent;
        if (parent == null) {
            root = node;
        } else if (content.compareTo(parent.content) < 0) {
            parent.left = node;
        } else {
            parent.right = node;
        }
        size++;
        inserted(node);
    }

    private static boolean isRed(Node<?> node) {
        return node != null && node.red;
    }

    private void inserted(Node<V> fresh) {
        Node<V> node = fresh;
        while (isRed(node.parent)) {
            Node<V> parent = node.parent;
            Node<V> grand = parent.parent;
            boolean left = parent == grand.left;
            Node<V> uncle = left ? grand.right : grand.left;
            if (isRed(uncle)) {
                parent.red = false;
                uncle.red = false;
                grand.red = true;
                node = grand;
                continue;
            }
            if (node == (left ? parent.right : parent.left)) {
                rotate(parent, left);
                node = parent;
                parent = node.parent;
            }
            parent.red = false;
            grand.red = true;
            rotate(grand, !left);
        }
        root.red = false;
    }

    /** Turns the node down to the left, or to the right. */
    private void rotate(Node<V> node, boolean left) {
        Node<V> child = left ? node.right : node.left;
        Node<V> inner = left ? child.left : child.right;
        if (left) {
            node.right = inner;
            child.left = node;
        } else {
            node.left = inner;
            child.right = node;
        }
        if (inner != null) {
            inner.parent = node;
        }
        replace(node, child);
        node.parent = child;
    }

    /** Puts another in the place that a node has at its parent. */
    private void replace(Node<V> node, Node<V> other) {
        if (node.parent == null) {
            root = other;
        } else if (node.parent.left == node) {
            node.parent.left = other;
        } else {
            node.parent.right = other;
        }
        if (other != null) {
            other.parent = node.parent;
        }
    }

    /** {@code rb_erase()}. */
    void remove(Content content) {
        Node<V> node = find(content);
        if (node == null) {
            return;
        }
        size--;
        Node<V> child;
        Node<V> parent;
        boolean black;
        if (node.left == null || node.right == null) {
            child = node.left == null ? node.right : node.left;
            parent = node.parent;
            black = !node.red;
            replace(node, child);
        } else {
            Node<V> successor = node.right;
            while (successor.left != null) {
                successor = successor.left;
            }
            child = successor.right;
            black = !successor.red;
            parent = successor.parent == node ? successor : successor.parent;
            if (successor.parent != node) {
                replace(successor, child);
                successor.right = node.right;
                successor.right.parent = successor;
            }
            replace(node, successor);
            successor.left = node.left;
            successor.left.parent = successor;
            successor.red = node.red;
        }
        if (black) {
            erased(child, parent);
        }
    }

    private void erased(Node<V> orphan, Node<V> above) {
        Node<V> node = orphan;
        Node<V> parent = above;
        while (node != root && !isRed(node)) {
            boolean left = node == parent.left;
            Node<V> sibling = left ? parent.right : parent.left;
            if (isRed(sibling)) {
                sibling.red = false;
                parent.red = true;
                rotate(parent, left);
                sibling = left ? parent.right : parent.left;
            }
            Node<V> near = left ? sibling.left : sibling.right;
            Node<V> far = left ? sibling.right : sibling.left;
            if (!isRed(near) && !isRed(far)) {
                sibling.red = true;
                node = parent;
                parent = node.parent;
                continue;
            }
            if (!isRed(far)) {
                near.red = false;
                sibling.red = true;
                rotate(sibling, !left);
                sibling = left ? parent.right : parent.left;
                far = left ? sibling.right : sibling.left;
            }
            sibling.red = parent.red;
            parent.red = false;
            far.red = false;
            rotate(parent, left);
            node = root;
        }
        if (node != null) {
            node.red = false;
        }
    }

    @Override
    public void encodeTo(Encoder out) {
        out.writeLong(size);
        write(root, out);
    }

    private void write(Node<V> node, Encoder out) {
        if (node != null) {
            int shape = (node.left == null ? 0 : 1) + (node.right == null ? 0 : 2) + (node.red ? 4 : 0);
            out.writeByte(shape);
            out.writeValue(node.content);
            out.writeValue(node.value);
            write(node.left, out);
            write(node.right, out);
        }
    }

    /** Takes over what was written, in place of what there is. */
    void decodeFrom(Decoder in) {
        size = (int) in.readLong();
        root = size == 0 ? null : read(null, in);
    }

    @SuppressWarnings("unchecked")
    private Node<V> read(Node<V> parent, Decoder in) {
        int shape = in.readByte();
        Node<V> node = new Node<>();
        node.parent = parent;
        node.red = (shape & 4) != 0;
        node.content = (Content) in.readValue();
        node.value = (V) in.readValue();
        node.left = (shape & 1) == 0 ? null : read(node, in);
        node.right = (shape & 2) == 0 ? null : read(node, in);
        return node;
    }
}
