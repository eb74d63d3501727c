package wavegate.sim.device;

import java.net.InetSocketAddress;
import java.net.URI;
import java.net.URISyntaxException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import org.eclipse.californium.core.coap.CoAP.ResponseCode;
import org.jspecify.annotations.Nullable;
import wavegate.sim.coap.Psk;

/**
 * What a module that was bootstrapped knows of its servers: objects 0, 1 and 2, kept with the user's data, so that they outlive reboots and
 * firmware. Edited in a draft, which takes effect as a whole or not at all.
 */
final class Accounts {
    static final int SECURITY = 0;
    static final int SERVER = 1;
    static final int ACCESS_CONTROL = 2;
    /** The instance of object 0 that leads to the bootstrap server. */
    static final int BOOTSTRAP_INSTANCE = 0;

    private static final int URI_RESOURCE = 0;
    private static final int IS_BOOTSTRAP = 1;
    private static final int MODE = 2;
    private static final int IDENTITY = 3;
    private static final int KEY = 5;
    private static final int SECURITY_SHORT_ID = 10;
    private static final int MODE_PSK = 0;
    private static final int MODE_NO_SEC = 3;
    private static final int SERVER_SHORT_ID = 0;
    private static final int LIFETIME = 1;
    private static final int BINDING = 7;
    private static final int DEFAULT_LIFETIME_SECONDS = 86_400;

    private final FirstContact bootstrap;
    private final SharedImages shared;
    private List<ObjectInstance> instances = List.of();
    private @Nullable List<ObjectInstance> draft;
    private @Nullable ServerAccount current;

    Accounts(FirstContact bootstrap, SharedImages shared) {
        this.bootstrap = bootstrap;
        this.shared = shared;
    }

    InetSocketAddress bootstrapServer() {
        return bootstrap.address();
    }

    /** The server to register with: the one of the lowest Server instance that has a usable Security instance. */
    Optional<ServerAccount> current() {
        return Optional.ofNullable(current);
    }

    boolean covers(InetSocketAddress peer) {
        ServerAccount server = current;
        return (bootstrap.secure() && peer.equals(bootstrap.address()))
                || (server != null && server.secure() && peer.equals(server.address()));
    }

    /** The key for a peer. Empty for the bootstrap server as long as the one from the factory holds. */
    Optional<Psk> key(InetSocketAddress peer) {
        if (peer.equals(bootstrap.address())) {
            return instances.stream().filter(Accounts::isBootstrap).findFirst().flatMap(Accounts::psk);
        }
        ServerAccount server = current;
        return server == null || !server.address().equals(peer) ? Optional.empty() : serverKey();
    }

    Optional<Psk> serverKey() {
        return current()
                .flatMap(server -> security(instances, server.shortServerId()))
                .flatMap(Accounts::psk);
    }

    private static boolean isBootstrap(ObjectInstance instance) {
        return instance.object() == SECURITY && instance.whole(IS_BOOTSTRAP, 0) != 0;
    }

    private static Optional<Psk> psk(ObjectInstance security) {
        String identity = security.text(IDENTITY);
        byte[] key = security.bytes(KEY);
        boolean usable = security.whole(MODE, -1) == MODE_PSK
                && !identity.isEmpty()
                && identity.length() <= 128
                && key.length > 0
                && key.length <= 64;
        return usable ? Optional.of(new Psk(identity, key)) : Optional.empty();
    }

    void beginDraft() {
        draft = new ArrayList<>(instances);
    }

    void dropDraft() {
        draft = null;
    }

    private List<ObjectInstance> draft() {
        List<ObjectInstance> now = draft;
        if (now == null) {
            throw new IllegalStateException("no bootstrap session is open");
        }
        return now;
    }

    /** Instances of an object in the draft, in order; the bootstrap account among them only once it was written. */
    List<ObjectInstance> drafted(int object) {
        return draft().stream()
                .filter(instance -> instance.object() == object)
                .sorted(Comparator.comparingInt(ObjectInstance::id))
                .toList();
    }

    /** The bootstrap account stays where it is: nothing else is written in its place, and no second one beside it. */
    ResponseCode write(ObjectInstance written) {
        boolean itsPlace = written.object() == SECURITY && written.id() == BOOTSTRAP_INSTANCE;
        if (itsPlace != isBootstrap(written)) {
            return ResponseCode.BAD_REQUEST;
        }
        draft().removeIf(known -> known.object() == written.object() && known.id() == written.id());
        draft().add(written);
        return ResponseCode.CHANGED;
    }

    /** @param object which, or {@link ObjectPath#ALL}; the bootstrap account is kept */
    ResponseCode delete(int object, int instance) {
        if (object == SECURITY && instance == BOOTSTRAP_INSTANCE) {
            return ResponseCode.BAD_REQUEST;
        }
        draft().removeIf(known -> !isBootstrap(known)
                && (object == ObjectPath.ALL || known.object() == object)
                && (instance == ObjectPath.ALL || known.id() == instance));
        return ResponseCode.DELETED;
    }

    /** Whether the draft leads to a server. */
    boolean consistent() {
        return account(draft()).isPresent();
    }

    /** Makes the draft real if it leads to a server. */
    boolean commit() {
        List<ObjectInstance> made = draft();
        Optional<ServerAccount> server = account(made);
        if (server.isEmpty()) {
            return false;
        }
        instances = made.stream().map(shared::instance).toList();
        current = shared.account(server.get());
        draft = null;
        return true;
    }

    private Optional<ServerAccount> account(List<ObjectInstance> all) {
        return all.stream()
                .filter(instance -> instance.object() == SERVER)
                .sorted(Comparator.comparingInt(ObjectInstance::id))
                .flatMap(server -> account(all, server).stream())
                .findFirst();
    }

    private Optional<ServerAccount> account(List<ObjectInstance> all, ObjectInstance server) {
        int shortId = (int) server.whole(SERVER_SHORT_ID, -1);
        ObjectInstance security = security(all, shortId).orElse(null);
        if (security == null) {
            return Optional.empty();
        }
        long mode = security.whole(MODE, -1);
        boolean usable = mode == MODE_NO_SEC || psk(security).isPresent();
        long lifetime = server.whole(LIFETIME, DEFAULT_LIFETIME_SECONDS);
        String binding = server.text(BINDING).isEmpty() ? ServerAccount.DEFAULT_BINDING : server.text(BINDING);
        try {
            URI uri = new URI(security.text(URI_RESOURCE));
            boolean fits = uri.getHost() != null && CoapAddress.secure(uri) == (mode == MODE_PSK);
            if (!usable || !fits || lifetime < 1 || lifetime > Integer.MAX_VALUE) {
                return Optional.empty();
            }
            InetSocketAddress address = CoapAddress.of(uri, bootstrap.address());
            return address.isUnresolved()
                    ? Optional.empty()
                    : Optional.of(new ServerAccount(
                            address, mode == MODE_PSK, server.id(), shortId, (int) lifetime, binding));
        } catch (URISyntaxException e) {
            return Optional.empty();
        }
    }

    private static Optional<ObjectInstance> security(List<ObjectInstance> all, int shortId) {
        return all.stream()
                .filter(instance -> instance.object() == SECURITY
                        && !isBootstrap(instance)
                        && instance.whole(SECURITY_SHORT_ID, -1) == shortId)
                .findFirst();
    }

    /** What Bootstrap-Discover answers for an object, or for all of them. */
    String links(int object) {
        StringBuilder links = new StringBuilder("</>;lwm2m=1.1");
        if (object == ObjectPath.ALL || object == SECURITY) {
            String scheme = bootstrap.secure() ? "coaps" : "coap";
            links.append(",</0/").append(BOOTSTRAP_INSTANCE).append(">;uri=\"").append(scheme);
            links.append("://").append(bootstrap.address().getHostString());
            links.append(':').append(bootstrap.address().getPort()).append('"');
        }
        for (int id : new int[] {SECURITY, SERVER, ACCESS_CONTROL}) {
            for (ObjectInstance instance :
                    object == ObjectPath.ALL || object == id ? drafted(id) : List.<ObjectInstance>of()) {
                if (!isBootstrap(instance)) {
                    links.append(',').append('<').append(instance).append('>').append(attributes(instance));
                }
            }
        }
        return links.toString();
    }

    private static String attributes(ObjectInstance instance) {
        return switch (instance.object()) {
            case SECURITY ->
                ";ssid=" + instance.whole(SECURITY_SHORT_ID, 0) + ";uri=\"" + instance.text(URI_RESOURCE) + '"';
            case SERVER -> ";ssid=" + instance.whole(SERVER_SHORT_ID, 0);
            default -> "";
        };
    }
}
