package org.foliofleet.node.mm.numa;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.lang.reflect.Field;
import java.lang.reflect.Modifier;
import java.util.Map;
import java.util.TreeMap;
import org.foliofleet.protocol.message.Memcg;
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
        Folio none = Folio.anon(0, 0, 0).withFlags(0);
        for (int flag : flags.keySet()) {
            assertEquals(0, none.with(flag).cgroup(), flags.get(flag));
        }
        assertEquals(Memcg.MAX_CGROUPS, none.withCgroup(Memcg.MAX_CGROUPS).cgroup());
    }
}
