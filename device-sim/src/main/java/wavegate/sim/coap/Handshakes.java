package wavegate.sim.coap;

/**
 * DTLS handshakes of a fleet since it was started. {@code full} and {@code resumed} ended with a session; {@code failed} were refused or
 * given up. {@code sessions} is how many sessions are open now.
 */
public record Handshakes(long full, long resumed, long failed, int sessions) {
    public static final Handshakes NONE = new Handshakes(0, 0, 0, 0);

    /** Every handshake begun and ended. */
    public long ended() {
        return full + resumed + failed;
    }
}
