package wavegate.firmware.campaign;

import java.util.List;
import wavegate.firmware.device.Endpoint;

/** Who is in which wave, decided once, at start. Members and control are in rank order; no endpoint is a member of two waves. */
public record Membership(List<WaveMembers> waves) {
    /** Devices one wave adds, and those held as its control. */
    public record WaveMembers(List<Endpoint> members, List<Endpoint> control) {
        public WaveMembers {
            members = List.copyOf(members);
            control = List.copyOf(control);
        }
    }

    public Membership {
        waves = List.copyOf(waves);
    }

    public int size() {
        return waves.stream().mapToInt(wave -> wave.members().size()).sum();
    }
}
