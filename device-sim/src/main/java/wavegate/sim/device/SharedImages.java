package wavegate.sim.device;

import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import wavegate.firmware.object.UpdateResult;
import wavegate.firmware.pkg.Sha256;

/**
 * The images and server accounts a fleet's devices hold, each once, and their latest answers. Of the images that deltas may be based on it has the
 * bytes: those given to it, and those one device after the other is watched downloading. Used by the thread that steps those devices.
 */
public final class SharedImages {
    /** Of image bytes, all together. Later ones are not kept. */
    private static final long MOST_BYTES = 64L << 20;

    private record Made(Slot base, Sha256 delta) {}

    private final Map<Slot, Slot> slots = new HashMap<>();
    private final RecentAnswers answers;
    private final Map<ServerAccount, ServerAccount> accounts = new HashMap<>();
    private final Map<ObjectInstance, ObjectInstance> instances = new HashMap<>();
    private final Map<Slot, byte[]> bytes = new HashMap<>();
    private final Map<Made, ImageParser.Finished> made = new HashMap<>();
    private long kept;
    private @Nullable Object scribe;

    /** For a single device. */
    SharedImages() {
        this(1);
    }

    /** @param devices of the fleet */
    public SharedImages(int devices) {
        this.answers = new RecentAnswers(devices);
    }

    RecentAnswers answers() {
        return answers;
    }

    ServerAccount account(ServerAccount account) {
        ServerAccount known = accounts.putIfAbsent(account, account);
        return known == null ? account : known;
    }

    /** Security instances hold a key and are no two devices' own. */
    ObjectInstance instance(ObjectInstance instance) {
        if (instance.object() == Accounts.SECURITY) {
            return instance;
        }
        ObjectInstance known = instances.putIfAbsent(instance, instance);
        return known == null ? instance : known;
    }

    /** The one object all devices use for the image. */
    Slot slot(Slot image) {
        Slot known = slots.putIfAbsent(image, image);
        return known == null ? image : known;
    }

    /**
     * Modules whose base version is that of the image leave the factory with it, and deltas may be based on it.
     *
     * @throws IllegalArgumentException if it is no image of a module
     */
    public void provide(byte[] image) {
        ImageParser parser = new ImageParser();
        parser.feed(image);
        Slot slot = parser.finish()
                .slot()
                .orElseThrow(() -> new IllegalArgumentException(
                        "base image: " + image.length + " bytes (expected: a module image, as 'sim' wraps them)"));
        keep(slot(slot), image.clone());
    }

    void keep(Slot slot, byte[] image) {
        if (kept + image.length <= MOST_BYTES && bytes.putIfAbsent(slot, image) == null) {
            kept += image.length;
        }
    }

    /** What a module of the model leaves the factory with. */
    Slot factory(ModuleModel model) {
        for (Slot provided : bytes.keySet()) {
            ImageHeader header = provided.header();
            boolean fits = header.model().isEmpty() || header.model().equals(model.model());
            if (fits
                    && header.version().equals(model.baseVersion())
                    && header.partitionLayout().equals(model.partitionLayout())) {
                return provided;
            }
        }
        return slot(Slot.factory(model));
    }

    /** Whether the caller may write down what it downloads; one does at a time, until it lets go. */
    boolean writesDown(Object who) {
        if (scribe == null && kept < MOST_BYTES) {
            scribe = who;
        }
        return who.equals(scribe);
    }

    void letGo(Object who) {
        if (who.equals(scribe)) {
            scribe = null;
        }
    }

    /** What a delta makes of an image; worked out once for all devices. */
    ImageParser.Finished apply(Slot base, byte[] delta) {
        return made.computeIfAbsent(new Made(base, Sha256.of(delta)), key -> make(base, delta));
    }

    private ImageParser.Finished make(Slot base, byte[] delta) {
        byte[] from = bytes.get(base);
        Optional<byte[]> image = from == null ? Optional.empty() : Delta.apply(from, delta);
        if (image.isEmpty()) {
            return ImageParser.Finished.failed(UpdateResult.INTEGRITY_FAILURE);
        }
        ImageParser parser = new ImageParser();
        parser.feed(image.get());
        ImageParser.Finished finished = parser.finish();
        if (finished.slot().isEmpty()) {
            return ImageParser.Finished.failed(UpdateResult.INTEGRITY_FAILURE);
        }
        keep(finished.slot().get(), image.get());
        return finished;
    }
}
