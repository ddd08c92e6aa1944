package org.foliofleet.node.journal;

import java.lang.reflect.Method;
import java.lang.reflect.RecordComponent;
import java.util.ArrayList;
import java.util.List;

/** The components of a record, whatever it is. */
final class RecordParts {
    private static final ClassValue<List<Method>> ACCESSORS = new ClassValue<>() {
        @Override
        protected List<Method> computeValue(Class<?> type) {
            List<Method> accessors = new ArrayList<>();
            for (RecordComponent component : type.getRecordComponents()) {
                component.getAccessor().setAccessible(true);
                accessors.add(component.getAccessor());
            }
            return accessors;
        }
    };

    private RecordParts() {}

    /** One of them. */
    record Part(String name, Object value) {}

    static List<Part> of(Record record) {
        List<Part> parts = new ArrayList<>();
        for (Method accessor : ACCESSORS.get(record.getClass())) {
            try {
                parts.add(new Part(accessor.getName(), accessor.invoke(record)));
            } catch (ReflectiveOperationException e) {
                throw new IllegalStateException("cannot look into " + record.getClass(), e);
            }
        }
        return parts;
    }
}
