package wavegate.bootstrap.plan;

import java.util.List;

/** One change to a device's objects. */
public sealed interface Step {
    /** {@code /0}, {@code /0/1}: what is changed, fit for a log. */
    String path();

    /** Removes all instances of an object but, in Security, the one of the bootstrap server, which every client keeps. */
    record Delete(int object) implements Step {
        @Override
        public String path() {
            return "/" + object;
        }
    }

    /** Creates or replaces an instance. */
    record Write(int object, int instance, List<Resource> resources) implements Step {
        public Write {
            resources = List.copyOf(resources);
        }

        @Override
        public String path() {
            return "/" + object + "/" + instance;
        }

        @Override
        public String toString() {
            return "Write[" + path() + "]";
        }
    }
}
