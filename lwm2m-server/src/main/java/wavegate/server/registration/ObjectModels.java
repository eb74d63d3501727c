package wavegate.server.registration;

import java.io.IOException;
import java.io.InputStream;
import java.util.Collection;
import java.util.List;
import java.util.TreeMap;
import org.eclipse.leshan.core.LwM2m.Version;
import org.eclipse.leshan.core.model.InvalidDDFFileException;
import org.eclipse.leshan.core.model.ObjectLoader;
import org.eclipse.leshan.core.model.ObjectModel;

/**
 * The object models the server reads with: of each object the newest version, whatever version a device registers. Versions only add resources,
 * and a version we do not know must not turn numbers into bytes.
 */
public final class ObjectModels {
    private final TreeMap<Integer, ObjectModel> newest = new TreeMap<>();

    private ObjectModels() {}

    /** Those Leshan ships. */
    public static ObjectModels builtIn() {
        ObjectModels models = new ObjectModels();
        models.addAll(ObjectLoader.loadAllDefault());
        return models;
    }

    /** Adds an OMA object definition; {@code name} is for messages. @throws IOException if it cannot be read or is no valid definition */
    public ObjectModels with(String name, InputStream xml) throws IOException {
        List<ObjectModel> loaded;
        try {
            loaded = ObjectLoader.loadDdfFile(xml, name);
        } catch (InvalidDDFFileException e) {
            throw new IOException("object model " + name + ": " + e.getMessage(), e);
        }
        if (loaded.isEmpty()) {
            throw new IOException("object model " + name + ": no object in it (expected: an OMA LwM2M definition)");
        }
        addAll(loaded);
        return this;
    }

    public Collection<ObjectModel> all() {
        return List.copyOf(newest.values());
    }

    private void addAll(List<ObjectModel> models) {
        for (ObjectModel model : models) {
            newest.merge(
                    model.id,
                    model,
                    (known, other) ->
                            new Version(known.version).compareTo(new Version(other.version)) < 0 ? other : known);
        }
    }
}
