package wavegate.firmware.object;

import java.util.Optional;

/** Firmware Update Delivery Method, /5/0/9. */
public enum DeliveryMethod {
    PULL(0),
    PUSH(1),
    BOTH(2);

    private final int code;

    DeliveryMethod(int code) {
        this.code = code;
    }

    public int code() {
        return code;
    }

    public boolean canPush() {
        return this != PULL;
    }

    public boolean canPull() {
        return this != PUSH;
    }

    public static Optional<DeliveryMethod> of(long code) {
        for (DeliveryMethod method : values()) {
            if (method.code == code) {
                return Optional.of(method);
            }
        }
        return Optional.empty();
    }
}
