package wavegate.firmware.object;

import java.util.Optional;

/** State and Update Result taken in one read, the only form in which they may be judged. {@code stateCode} is what the device sent, whatever it was. */
public record FirmwareStatus(int stateCode, UpdateResult result) {
    public FirmwareStatus(UpdateState state, UpdateResult result) {
        this(state.code(), result);
    }

    public Optional<UpdateState> state() {
        return UpdateState.of(stateCode);
    }

    public boolean is(UpdateState state) {
        return stateCode == state.code();
    }

    @Override
    public String toString() {
        return stateCode + "/" + result;
    }
}
