package wavegate.sim.device;

import java.net.InetSocketAddress;
import java.util.Optional;
import java.util.random.RandomGenerator;
import org.eclipse.californium.core.coap.Message;
import org.eclipse.californium.core.coap.Token;
import org.jspecify.annotations.Nullable;
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
    /** Null for a module that was given its server at the factory. */
    final @Nullable Accounts accounts;

    final Fate fate;
    /** Null for a module that is always in reach. */
    final @Nullable Reach reach;

    private final Outlet outlet;

    private long now;
    private int mid;
    private long lastSentAt;
    private boolean radioOff;
    private boolean statusUnsent;

    DeviceContext(
            ModuleIdentity identity,
            DeviceProfile profile,
            DeviceSettings settings,
            RandomGenerator random,
            Outlet outlet,
            @Nullable Accounts accounts) {
        this.identity = identity;
        this.profile = profile;
        this.settings = settings;
        this.random = random;
        this.outlet = outlet;
        this.accounts = accounts;
        this.mid = random.nextInt(MID_RANGE);
        this.fate = Fate.draw(settings.failures(), random);
        this.reach = Reach.limited(settings) ? new Reach(settings, identity.index()) : null;
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
        if (!outOfReach()) {
            outlet.send(peer, datagram);
        }
    }

    void sendAgain(InetSocketAddress peer, byte[] datagram) {
        lastSentAt = now;
        if (!outOfReach()) {
            outlet.sendAgain(peer, datagram);
        }
    }

    void crashed(String version) {
        outlet.crashed(version);
    }

    void rebind() {
        outlet.rebind();
    }

    void powerOff() {
        outlet.powerOff();
    }

    void renewSession(InetSocketAddress peer) {
        outlet.renewSession(peer);
    }

    void endSession(InetSocketAddress peer) {
        outlet.endSession(peer);
    }

    /** Empty for a module that was given its server at the factory, and for one that has not been bootstrapped yet. */
    private Optional<ServerAccount> account() {
        Accounts own = accounts;
        return own == null ? Optional.empty() : own.current();
    }

    /** Where the module registers. */
    InetSocketAddress server() {
        return account().map(ServerAccount::address).orElse(settings.first().address());
    }

    /** Whether it does so by DTLS. */
    boolean secure() {
        return account().map(ServerAccount::secure).orElse(settings.first().secure());
    }

    int lifetimeSeconds() {
        return account()
                .map(ServerAccount::lifetimeSeconds)
                .orElse(settings.timing().lifetimeSeconds());
    }

    int serverInstance() {
        return account().map(ServerAccount::instance).orElse(0);
    }

    int shortServerId() {
        return account().map(ServerAccount::shortServerId).orElse(1);
    }

    String binding() {
        return account().map(ServerAccount::binding).orElse(ServerAccount.DEFAULT_BINDING);
    }

    /** While off, what is sent is lost; the device does not know. */
    void radioOff(boolean off) {
        radioOff = off;
    }

    boolean radioOff() {
        return radioOff;
    }

    /** Whether nothing gets through, for whatever reason. */
    boolean outOfReach() {
        Reach limits = reach;
        return radioOff || (limits != null && limits.down(now));
    }

    /** Whether State or Update Result are others than the server was sent last. */
    boolean statusUnsent() {
        return statusUnsent;
    }

    void statusUnsent(boolean unsent) {
        statusUnsent = unsent;
    }

    long lastSentAt() {
        return lastSentAt;
    }
}
