package wavegate.sim.device;

import java.util.List;
import java.util.Optional;

/** A path of one to four numbers; what it does not say is {@link #ALL}. */
record ObjectPath(int object, int instance, int resource, int resourceInstance) {
    static final int ALL = -1;
    private static final int MAX_DEPTH = 4;

    /** Empty if it is not an LwM2M path below the root. */
    static Optional<ObjectPath> parse(List<String> segments) {
        if (segments.isEmpty() || segments.size() > MAX_DEPTH) {
            return Optional.empty();
        }
        int[] ids = {ALL, ALL, ALL, ALL};
        for (int i = 0; i < segments.size(); i++) {
            String segment = segments.get(i);
            if (!segment.matches("[0-9]{1,5}") || Integer.parseInt(segment) > 65_535) {
                return Optional.empty();
            }
            ids[i] = Integer.parseInt(segment);
        }
        return Optional.of(new ObjectPath(ids[0], ids[1], ids[2], ids[3]));
    }

    boolean isObject() {
        return instance == ALL;
    }

    boolean isInstance() {
        return instance != ALL && resource == ALL;
    }

    boolean isResource() {
        return resource != ALL && resourceInstance == ALL;
    }

    /** Whether a change of the resource ({@code ALL}: of any) shows here. */
    boolean covers(int changedObject, int changedInstance, int changedResource) {
        return object == changedObject
                && (instance == ALL || instance == changedInstance)
                && (resource == ALL || changedResource == ALL || resource == changedResource);
    }
}
