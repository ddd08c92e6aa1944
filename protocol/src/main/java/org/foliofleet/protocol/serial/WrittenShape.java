package org.foliofleet.protocol.serial;

import java.util.ArrayList;
import java.util.List;

/**
 * The shape that a class had when something was written.
 *
 * @param kind      {@code record}, {@code enum}, {@code state} or {@code codec}, which says how it writes itself
 * @param name      of the class then, without what all have in common
 * @param slots     of records and states, in the order in which they were written
 * @param constants of enums
 */
record WrittenShape(String kind, String name, List<WrittenSlot> slots, List<String> constants) {
    /**
     * A component or field.
     *
     * @param signature {@code n} number, {@code b} truth value, {@code d} floating, {@code a} any value; {@code k:NAME} just that record or
     *                  enum, {@code s:NAME} state of that class; {@code [} before the signature of an array's elements, of which
     *                  {@code j} are longs
     */
    record WrittenSlot(String name, String signature) {
        /** Reads it and forgets it. */
        void skip(Decoder in) {
            skip(signature, in);
        }

        private static void skip(String signature, Decoder in) {
            switch (signature.charAt(0)) {
                case 'n' -> in.readLong();
                case 'b' -> in.readBoolean();
                case 'd' -> in.readFloating();
                case 'a' -> in.readValue();
                case 'k', 's' -> {
                    if (in.readBoolean()) {
                        in.written().skip(signature.substring(2), in);
                    }
                }
                case '[' -> {
                    if (in.readBoolean()) {
                        skipElements(signature.substring(1), in);
                    }
                }
                default -> throw in.damaged("nothing is known of the signature " + signature);
            }
        }

        private static void skipElements(String element, Decoder in) {
            int length = in.readSize();
            for (int i = 0; i < length; i++) {
                if (element.charAt(0) == '[') {
                    skipElements(element.substring(1), in);
                } else if (element.equals("j")) {
                    in.readLong();
                } else {
                    in.readValue();
                }
            }
        }
    }

    /** As a line of a listing. */
    String line() {
        StringBuilder text = new StringBuilder(kind).append(' ').append(name);
        slots.forEach(slot -> text.append(' ').append(slot.name()).append('=').append(slot.signature()));
        constants.forEach(constant -> text.append(' ').append(constant));
        return text.toString();
    }

    /** The shape of a line. */
    static WrittenShape of(String line) {
        String[] words = line.split(" ");
        List<WrittenSlot> slots = new ArrayList<>();
        List<String> constants = new ArrayList<>();
        for (int i = 2; i < words.length; i++) {
            int equals = words[i].indexOf('=');
            if (words[0].equals("enum")) {
                constants.add(words[i]);
            } else {
                slots.add(new WrittenSlot(words[i].substring(0, equals), words[i].substring(equals + 1)));
            }
        }
        return new WrittenShape(words[0], words[1], slots, constants);
    }
}
