package wavegate.firmware.object;

import java.util.Optional;

/** State, /5/0/3. Some field clients report values outside 0..3; those have no constant and are kept as numbers. */
public enum UpdateState {
    IDLE(0),
    DOWNLOADING(1),
    DOWNLOADED(2),
    UPDATING(3);

    private final int code;

    UpdateState(int code) {
        this.code = code;
    }

    public int code() {
        return code;
    }

    public static Optional<UpdateState> of(long code) {
        for (UpdateState state : values()) {
            if (state.code == code) {
                return Optional.of(state);
            }
        }
        return Optional.empty();
    }
}
