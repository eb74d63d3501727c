package wavegate.bootstrap.plan;

import java.util.Map;

/** One resource of an instance that is written. Never shows its value: it may be a key. */
public record Resource(int id, Value value) {
    /** What a resource holds. */
    public sealed interface Value {}

    public record Text(String text) implements Value {}

    public record Whole(long number) implements Value {}

    public record Truth(boolean holds) implements Value {}

    public record Opaque(byte[] bytes) implements Value {}

    /** Number for each resource instance. */
    public record Wholes(Map<Integer, Long> numbers) implements Value {
        public Wholes {
            numbers = Map.copyOf(numbers);
        }
    }

    public record Link(int object, int instance) implements Value {}

    static Resource text(int id, String text) {
        return new Resource(id, new Text(text));
    }

    static Resource whole(int id, long number) {
        return new Resource(id, new Whole(number));
    }

    static Resource truth(int id, boolean holds) {
        return new Resource(id, new Truth(holds));
    }

    static Resource opaque(int id, byte[] bytes) {
        return new Resource(id, new Opaque(bytes.clone()));
    }

    @Override
    public String toString() {
        return "/" + id;
    }
}
