package wavegate.sim.device;

import java.net.InetSocketAddress;
import java.util.random.RandomGenerator;
import org.eclipse.californium.core.coap.Message;
import org.eclipse.californium.core.coap.Token;
import wavegate.sim.coap.CoapCodec;

/** What the parts of one device share: who it is, the present moment, its randomness, its counters and the way out. */
final class DeviceContext {
    static final long NEVER = Long.MAX_VALUE;
    private static final int MID_RANGE = 1 << 16;

    final ModuleIdentity identity;
    final DeviceProfile profile;
    final DeviceSettings settings;
    final RandomGenerator random;
    final Tally tally = new Tally();
    private final Outlet outlet;

    private long now;
    private int mid;
    private long lastSentAt;
    private boolean radioOff;

    DeviceContext(
            ModuleIdentity identity,
            DeviceProfile profile,
            DeviceSettings settings,
            RandomGenerator random,
            Outlet outlet) {
        this.identity = identity;
        this.profile = profile;
        this.settings = settings;
        this.random = random;
        this.outlet = outlet;
        this.mid = random.nextInt(MID_RANGE);
    }

    /** Epoch milliseconds of the step in hand. */
    long now() {
        return now;
    }

    void now(long nowMs) {
        now = nowMs;
    }

    int nextMid() {
        mid = (mid + 1) % MID_RANGE;
        return mid;
    }

    Token nextToken() {
        int value = random.nextInt();
        return new Token(new byte[] {(byte) (value >> 24), (byte) (value >> 16), (byte) (value >> 8), (byte) value});
    }

    byte[] send(InetSocketAddress peer, Message message) {
        byte[] datagram = CoapCodec.encode(message);
        send(peer, datagram);
        return datagram;
    }

    void send(InetSocketAddress peer, byte[] datagram) {
        lastSentAt = now;
        if (!radioOff) {
            outlet.send(peer, datagram);
        }
    }

    void rebind() {
        outlet.rebind();
    }

    /** While off, what is sent is lost; the device does not know. */
    void radioOff(boolean off) {
        radioOff = off;
    }

    boolean radioOff() {
        return radioOff;
    }

    long lastSentAt() {
        return lastSentAt;
    }
}
