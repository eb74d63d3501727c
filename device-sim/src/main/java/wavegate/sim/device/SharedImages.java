package wavegate.sim.device;

import java.util.HashMap;
import java.util.Map;

/** The images and server accounts a fleet's devices hold, each once. Used by the thread that steps those devices. */
public final class SharedImages {
    private final Map<Slot, Slot> slots = new HashMap<>();

    private final Map<ServerAccount, ServerAccount> accounts = new HashMap<>();
    private final Map<ObjectInstance, ObjectInstance> instances = new HashMap<>();

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

    Map<Slot, Slot> slots() {
        return slots;
    }
}
