package wavegate.sim.device;

import java.util.HashMap;
import java.util.Map;

/** The images a fleet's devices hold, each once. Used by the thread that steps those devices. */
public final class SharedImages {
    private final Map<Slot, Slot> slots = new HashMap<>();

    Map<Slot, Slot> slots() {
        return slots;
    }
}
