package wavegate.firmware.object;

import java.util.Optional;

/** Firmware Update Protocol Support, /5/0/8. A device that lacks the resource supports {@link #COAP} alone; values we do not know are ignored. */
public enum UpdateProtocol {
    COAP(0, "coap"),
    COAPS(1, "coaps"),
    HTTP(2, "http"),
    HTTPS(3, "https"),
    COAP_TCP(4, "coap+tcp"),
    COAP_TLS(5, "coaps+tcp");

    private final int code;
    private final String scheme;

    UpdateProtocol(int code, String scheme) {
        this.code = code;
        this.scheme = scheme;
    }

    public int code() {
        return code;
    }

    public String scheme() {
        return scheme;
    }

    public static Optional<UpdateProtocol> of(long code) {
        for (UpdateProtocol protocol : values()) {
            if (protocol.code == code) {
                return Optional.of(protocol);
            }
        }
        return Optional.empty();
    }
}
