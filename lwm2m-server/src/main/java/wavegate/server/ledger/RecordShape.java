package wavegate.server.ledger;

import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.io.SerializedString;
import java.io.IOException;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;
import java.lang.reflect.RecordComponent;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** A record as an object with one member per component. Built once per record type from its components, so that no field can be forgotten. */
final class RecordShape implements Shape {
    private final String[] names;
    private final SerializedString[] quoted;
    private final MethodHandle[] getters;
    private final Shape[] shapes;
    private final List<Optional<Object>> whenMissing = new ArrayList<>();
    private final MethodHandle constructor;
    private final Map<String, Integer> indexes = new HashMap<>();

    private RecordShape(Class<?> type) throws ReflectiveOperationException {
        RecordComponent[] components = type.getRecordComponents();
        MethodHandles.Lookup lookup = MethodHandles.lookup();
        names = new String[components.length];
        quoted = new SerializedString[components.length];
        getters = new MethodHandle[components.length];
        shapes = new Shape[components.length];
        Class<?>[] types = new Class<?>[components.length];
        for (int i = 0; i < components.length; i++) {
            RecordComponent component = components[i];
            names[i] = component.getName().intern();
            quoted[i] = new SerializedString(component.getName());
            getters[i] =
                    lookup.unreflect(component.getAccessor()).asType(MethodType.methodType(Object.class, Object.class));
            shapes[i] = Shapes.of(component.getGenericType());
            types[i] = component.getType();
            whenMissing.add(whenMissing(component.getType()));
            indexes.put(names[i], i);
        }
        constructor = lookup.findConstructor(type, MethodType.methodType(void.class, types))
                .asSpreader(Object[].class, components.length)
                .asType(MethodType.methodType(Object.class, Object[].class));
    }

    /** What a record written before the component was thought of meant. */
    private static Optional<Object> whenMissing(Class<?> type) {
        if (type == Optional.class) {
            return Optional.of(Optional.empty());
        }
        if (type == List.class) {
            return Optional.of(List.of());
        }
        return type == boolean.class ? Optional.of(false) : Optional.empty();
    }

    static RecordShape of(Class<?> type) {
        try {
            return new RecordShape(type);
        } catch (ReflectiveOperationException e) {
            throw new IllegalStateException(type + ": not a public record", e);
        }
    }

    @Override
    public void write(Object value, JsonGenerator out) throws IOException {
        out.writeStartObject();
        writeMembers(value, out);
        out.writeEndObject();
    }

    void writeMembers(Object value, JsonGenerator out) throws IOException {
        for (int i = 0; i < names.length; i++) {
            out.writeFieldName(quoted[i]);
            shapes[i].write(get(i, value), out);
        }
    }

    private static Supplier<MalformedFact> missing(String name) {
        return () -> new MalformedFact(name + ": missing");
    }

    private Object get(int index, Object value) {
        try {
            return (Object) getters[index].invokeExact(value);
        } catch (Throwable e) {
            throw new IllegalStateException(names[index] + ": accessor failed", e);
        }
    }

    @Override
    public Object read(JsonParser in) throws IOException {
        Shapes.expect(in, JsonToken.START_OBJECT, "an object");
        return readMembers(in);
    }

    /** Reads members up to the end of the object the parser is in. */
    Object readMembers(JsonParser in) throws IOException {
        @Nullable Object[] values = new @Nullable Object[names.length];
        int next = 0;
        for (String name = in.nextFieldName(); name != null; name = in.nextFieldName()) {
            in.nextToken();
            Integer index = next < names.length && names[next].equals(name) ? Integer.valueOf(next) : indexes.get(name);
            if (index == null) {
                in.skipChildren();
                continue;
            }
            try {
                values[index] = shapes[index].read(in);
            } catch (MalformedFact e) {
                throw e.in(name);
            }
            next = index + 1;
        }
        Shapes.expect(in, JsonToken.END_OBJECT, "the end of the object");
        for (int i = 0; i < values.length; i++) {
            if (values[i] == null) {
                values[i] = whenMissing.get(i).orElseThrow(missing(names[i]));
            }
        }
        try {
            return constructor.invokeExact(values);
        } catch (IllegalArgumentException e) {
            throw new MalformedFact(": " + e.getMessage(), e);
        } catch (Throwable e) {
            throw new IllegalStateException("constructor failed on " + Arrays.toString(values), e);
        }
    }
}
