package wavegate.sim.coap;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.DatagramPacket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.InstantSource;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import javax.crypto.SecretKey;
import org.eclipse.californium.elements.AddressEndpointContext;
import org.eclipse.californium.elements.RawData;
import org.eclipse.californium.elements.config.Configuration;
import org.eclipse.californium.elements.config.SystemConfig;
import org.eclipse.californium.elements.config.UdpConfig;
import org.eclipse.californium.scandium.config.DtlsConfig;
import org.eclipse.californium.scandium.config.DtlsConnectorConfig;
import org.eclipse.californium.scandium.dtls.Connection;
import org.eclipse.californium.scandium.dtls.ConnectionId;
import org.eclipse.californium.scandium.dtls.DTLSContext;
import org.eclipse.californium.scandium.dtls.HandshakeResultHandler;
import org.eclipse.californium.scandium.dtls.Handshaker;
import org.eclipse.californium.scandium.dtls.PskPublicInformation;
import org.eclipse.californium.scandium.dtls.PskSecretResult;
import org.eclipse.californium.scandium.dtls.ResumptionSupportingConnectionStore;
import org.eclipse.californium.scandium.dtls.SessionAdapter;
import org.eclipse.californium.scandium.dtls.cipher.CipherSuite;
import org.eclipse.californium.scandium.dtls.pskstore.AdvancedPskStore;
import org.eclipse.californium.scandium.util.SecretUtil;
import org.eclipse.californium.scandium.util.ServerNames;
import org.jspecify.annotations.Nullable;

/**
 * DTLS 1.2 with pre-shared keys for the devices that have one, plain datagrams for the others, over one line. All sessions live in one
 * connector, which is told a synthetic address for each pair of device and server and does its work on the loop's thread. Devices take the
 * server's connection ID and ask for none themselves.
 *
 * <p>At most a limited number of handshakes run at a time; the others wait in the order in which their devices first wanted to speak.
 */
public final class DtlsTransport implements Transport {
    static {
        DtlsConfig.register();
        UdpConfig.register();
        SystemConfig.register();
    }

    /** Enough to keep a server busy, and few enough not to fill its queue of half-open handshakes. */
    private static final int MOST_HANDSHAKES_AT_ONCE = 64;
    /** What a device says before its session stands; further datagrams are lost, as in a small modem. */
    private static final int MOST_HELD = 4;

    /** A server keeps silent towards a key it does not know; such a handshake must not hold up the others until it is given up. */
    private static final int LONGEST_PLACE_MS = 3000;

    /** A session on its way, and what is to be said once it stands. */
    private static final class Opening {
        final InetSocketAddress synthetic;
        final Deque<byte[]> held = new ArrayDeque<>(1);
        boolean holdsPlace;

        Opening(InetSocketAddress synthetic) {
            this.synthetic = synthetic;
        }

        void hold(byte[] datagram) {
            boolean known = held.stream().anyMatch(other -> Arrays.equals(other, datagram));
            if (!known && held.size() < MOST_HELD) {
                held.add(datagram);
            }
        }
    }

    private final Transport line;
    private final PskKeys keys;
    private final LoopExecutor executor;
    private final SyntheticPeers peers = new SyntheticPeers();
    private final Map<InetSocketAddress, Opening> openings = new HashMap<>();
    private final Deque<Opening> waiting = new ArrayDeque<>();
    /** Sessions told to end which the connector has not yet dropped. */
    private final Set<InetSocketAddress> ending = new HashSet<>();

    private final ResumptionSupportingConnectionStore connections;
    private final MultiplexedConnector connector;
    private final int capacity;
    private @Nullable Receiver receiver;
    private int handed;
    private int running;
    private long full;
    private long resumed;
    private long failed;

    /**
     * @param line carries the records; closed with this transport
     * @param devices how many there are, up to 16,777,216
     * @param timeoutMs until a flight of a handshake is sent again, doubled each time, {@code maxRetransmit} times at most
     * @throws UncheckedIOException if the connector cannot be started
     */
    public DtlsTransport(
            Transport line, int devices, PskKeys keys, int timeoutMs, int maxRetransmit, InstantSource clock) {
        if (devices < 1 || devices > SyntheticPeers.MAX_DEVICES) {
            throw new IllegalArgumentException(
                    "devices: " + devices + " (expected: 1.." + SyntheticPeers.MAX_DEVICES + ")");
        }
        this.line = line;
        this.keys = keys;
        this.executor = new LoopExecutor(clock);
        // A device may hold one session with its bootstrap server and one with its LwM2M server.
        this.capacity = Math.max(16, 2 * devices + MOST_HANDSHAKES_AT_ONCE);
        DtlsConnectorConfig config = config(capacity, timeoutMs, maxRetransmit);
        this.connections = MultiplexedConnector.store(config);
        this.connector = new MultiplexedConnector(config, connections, executor, this::toLine);
        connector.setRawDataReceiver(this::fromConnector);
        try {
            connector.start();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private DtlsConnectorConfig config(int sessions, int timeoutMs, int maxRetransmit) {
        Configuration configuration = new Configuration()
                .set(DtlsConfig.DTLS_ROLE, DtlsConfig.DtlsRole.CLIENT_ONLY)
                .set(DtlsConfig.DTLS_CONNECTION_ID_LENGTH, 0)
                .set(DtlsConfig.DTLS_MAX_CONNECTIONS, sessions)
                .set(DtlsConfig.DTLS_RECEIVER_THREAD_COUNT, 0)
                .set(DtlsConfig.DTLS_MAX_PENDING_INBOUND_JOBS, Integer.MAX_VALUE)
                .set(DtlsConfig.DTLS_MAX_PENDING_OUTBOUND_JOBS, Integer.MAX_VALUE)
                .set(DtlsConfig.DTLS_RETRANSMISSION_TIMEOUT, timeoutMs, TimeUnit.MILLISECONDS)
                .set(DtlsConfig.DTLS_MAX_RETRANSMISSIONS, maxRetransmit)
                .setAsList(DtlsConfig.DTLS_CIPHER_SUITES, CipherSuite.TLS_PSK_WITH_AES_128_CCM_8)
                .set(SystemConfig.HEALTH_STATUS_INTERVAL, 0, TimeUnit.SECONDS);
        return DtlsConnectorConfig.builder(configuration)
                .setAddress(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0))
                .setAdvancedPskStore(new KeysByPeer())
                .setSessionListener(new Outcomes())
                .build();
    }

    /** Asked by the connector, which names a peer first by its synthetic address and then by its connection. */
    private final class KeysByPeer implements AdvancedPskStore {
        @Override
        public boolean hasEcdhePskSupported() {
            return false;
        }

        @Override
        public @Nullable PskPublicInformation getIdentity(InetSocketAddress synthetic, @Nullable ServerNames names) {
            return key(synthetic)
                    .map(psk -> new PskPublicInformation(psk.identity()))
                    .orElse(null);
        }

        @Override
        public PskSecretResult requestPskSecretResult(
                ConnectionId cid,
                @Nullable ServerNames names,
                PskPublicInformation identity,
                String hmac,
                @Nullable SecretKey otherSecret,
                byte[] seed,
                boolean extended) {
            Connection connection = connections.get(cid);
            InetSocketAddress synthetic = connection == null ? null : connection.getPeerAddress();
            SecretKey secret = synthetic == null
                    ? null
                    : key(synthetic)
                            .map(psk -> SecretUtil.create(psk.key(), "PSK"))
                            .orElse(null);
            return new PskSecretResult(cid, identity, secret);
        }

        @Override
        public void setResultHandler(HandshakeResultHandler handler) {
            // Every answer is given at once.
        }

        private Optional<Psk> key(InetSocketAddress synthetic) {
            return keys.key(peers.device(synthetic), peers.server(synthetic));
        }
    }

    /** What becomes of handshakes. One that was forgotten on the way is in nobody's count. */
    private final class Outcomes extends SessionAdapter {
        /** A connection that is dropped forgets its peer before it tells of the failure. */
        private final IdentityHashMap<Handshaker, Opening> ongoing = new IdentityHashMap<>();

        @Override
        public void handshakeStarted(Handshaker handshaker) {
            Opening opening = openings.get(handshaker.getPeerAddress());
            if (opening != null) {
                ongoing.put(handshaker, opening);
            }
        }

        @Override
        public void contextEstablished(Handshaker handshaker, DTLSContext context) {
            Opening opening = ended(handshaker);
            if (opening != null) {
                full += handshaker.isFullHandshake() ? 1 : 0;
                resumed += handshaker.isFullHandshake() ? 0 : 1;
                // The first was given to the connector to begin with.
                opening.held.poll();
                opening.held.forEach(datagram -> toConnector(opening.synthetic, datagram));
            }
        }

        @Override
        public void handshakeFailed(Handshaker handshaker, Throwable error) {
            failed += ended(handshaker) == null ? 0 : 1;
        }

        private @Nullable Opening ended(Handshaker handshaker) {
            Opening opening = ongoing.remove(handshaker);
            if (opening == null || !openings.remove(opening.synthetic, opening)) {
                return null;
            }
            givePlaceUp(opening);
            return opening;
        }
    }

    @Override
    public void send(int device, InetSocketAddress peer, byte[] datagram) {
        if (!keys.covers(device, peer)) {
            line.send(device, peer, datagram);
            return;
        }
        InetSocketAddress synthetic = peers.of(device, peer);
        Opening opening = openings.get(synthetic);
        if (opening == null && connector.open(synthetic) && !ending.contains(synthetic)) {
            toConnector(synthetic, datagram);
            return;
        }
        if (opening == null) {
            opening = new Opening(synthetic);
            openings.put(synthetic, opening);
            waiting.add(opening);
        }
        opening.hold(datagram);
    }

    private void startHandshakes() {
        ending.removeIf(synthetic -> !connector.open(synthetic));
        while (running < MOST_HANDSHAKES_AT_ONCE && !waiting.isEmpty()) {
            if (ending.contains(waiting.element().synthetic)) {
                return;
            }
            Opening opening = waiting.remove();
            byte[] first = opening.held.peek();
            if (openings.get(opening.synthetic) == opening && first != null) {
                opening.holdsPlace = true;
                running++;
                toConnector(opening.synthetic, first);
                executor.schedule(() -> givePlaceUp(opening), LONGEST_PLACE_MS, TimeUnit.MILLISECONDS);
            }
        }
    }

    private void givePlaceUp(Opening opening) {
        running -= opening.holdsPlace ? 1 : 0;
        opening.holdsPlace = false;
    }

    private void toConnector(InetSocketAddress synthetic, byte[] datagram) {
        connector.send(RawData.outbound(datagram, new AddressEndpointContext(synthetic), null, false));
    }

    private void toLine(InetSocketAddress synthetic, byte[] records) {
        line.send(peers.device(synthetic), peers.server(synthetic), records);
    }

    private void fromConnector(RawData message) {
        InetSocketAddress synthetic = message.getInetSocketAddress();
        Receiver to = receiver;
        if (to != null) {
            handed++;
            to.datagram(peers.device(synthetic), peers.server(synthetic), message.getBytes());
        }
    }

    @Override
    public int poll(long timeoutMs, Receiver to) throws IOException {
        receiver = to;
        handed = 0;
        work();
        line.poll(handed > 0 ? 0 : Math.min(timeoutMs, executor.untilNextTimer()), (device, peer, datagram) -> {
            if (keys.covers(device, peer)) {
                connector.processDatagram(new DatagramPacket(datagram, datagram.length, peers.of(device, peer)));
                executor.run();
            } else {
                handed++;
                to.datagram(device, peer, datagram);
            }
        });
        work();
        return handed;
    }

    private void work() {
        do {
            executor.run();
            startHandshakes();
        } while (executor.busy());
    }

    @Override
    public void rebind(int device) {
        line.rebind(device);
    }

    @Override
    public void powerOff(int device) {
        for (InetSocketAddress server : List.copyOf(peers.servers())) {
            drop(peers.of(device, server));
        }
    }

    @Override
    public void renewSession(int device, InetSocketAddress peer) {
        connector.forceResumeSessionFor(peers.of(device, peer));
    }

    @Override
    public void endSession(int device, InetSocketAddress peer) {
        InetSocketAddress synthetic = peers.of(device, peer);
        connector.close(synthetic);
        drop(synthetic);
    }

    private void drop(InetSocketAddress synthetic) {
        Opening opening = openings.remove(synthetic);
        if (opening != null) {
            givePlaceUp(opening);
        }
        if (connector.open(synthetic)) {
            ending.add(synthetic);
        }
        connector.forget(synthetic);
    }

    @Override
    public Handshakes handshakes() {
        return new Handshakes(full, resumed, failed, capacity - connections.remainingCapacity());
    }

    @Override
    public void close() {
        connector.destroy();
        executor.shutdownNow();
        line.close();
    }
}
