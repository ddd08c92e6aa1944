package org.foliofleet.node.mm.numa;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.lang.reflect.Field;
import java.lang.reflect.Modifier;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

class FolioFlagsTest {
    @Test
    void everyFlagHasABitOfItsOwn() throws IllegalAccessException {
        Map<Integer, String> flags = new TreeMap<>();
        for (Field field : Folio.class.getDeclaredFields()) {
            if (Modifier.isPublic(field.getModifiers()) && Modifier.isStatic(field.getModifiers()) && field.getType() == int.class) {
                int bit = field.getInt(null);
                assertEquals(1, Integer.bitCount(bit), field.getName());
                assertEquals(null, flags.put(bit, field.getName()), field.getName());
            }
        }
        assertTrue(flags.size() > 15, flags.toString());
    }
}
