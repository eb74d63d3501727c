package wavegate.sim.coap;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import javax.crypto.SecretKey;
import org.eclipse.californium.elements.RawData;
import org.eclipse.californium.elements.config.Configuration;
import org.eclipse.californium.elements.config.SystemConfig;
import org.eclipse.californium.scandium.DTLSConnector;
import org.eclipse.californium.scandium.config.DtlsConfig;
import org.eclipse.californium.scandium.config.DtlsConnectorConfig;
import org.eclipse.californium.scandium.dtls.ConnectionId;
import org.eclipse.californium.scandium.dtls.DTLSContext;
import org.eclipse.californium.scandium.dtls.HandshakeResultHandler;
import org.eclipse.californium.scandium.dtls.Handshaker;
import org.eclipse.californium.scandium.dtls.PskPublicInformation;
import org.eclipse.californium.scandium.dtls.PskSecretResult;
import org.eclipse.californium.scandium.dtls.SessionAdapter;
import org.eclipse.californium.scandium.dtls.pskstore.AdvancedPskStore;
import org.eclipse.californium.scandium.util.SecretUtil;
import org.eclipse.californium.scandium.util.ServerNames;

/** A bare DTLS server with connection IDs. It knows every identity {@code module-N} by the key {@code key-of-module-N} and sends back what it gets. */
final class DtlsEcho implements AutoCloseable {
    record Heard(String text, InetSocketAddress from, String identity) {}

    final List<Heard> heard = new CopyOnWriteArrayList<>();
    final AtomicInteger handshakes = new AtomicInteger();
    private DTLSConnector connector;

    DtlsEcho() throws IOException {
        connector = connector(0);
        connector.start();
    }

    private DTLSConnector connector(int port) {
        DtlsConfig.register();
        SystemConfig.register();
        DtlsConnectorConfig config = DtlsConnectorConfig.builder(new Configuration()
                        .set(DtlsConfig.DTLS_ROLE, DtlsConfig.DtlsRole.SERVER_ONLY)
                        .set(DtlsConfig.DTLS_CONNECTION_ID_LENGTH, 6)
                        .set(DtlsConfig.DTLS_RECEIVE_BUFFER_SIZE, 1 << 20)
                        .set(SystemConfig.HEALTH_STATUS_INTERVAL, 0, TimeUnit.SECONDS))
                .setAddress(new InetSocketAddress(InetAddress.getLoopbackAddress(), port))
                .setAdvancedPskStore(new Keys())
                .setSessionListener(new SessionAdapter() {
                    @Override
                    public void contextEstablished(Handshaker handshaker, DTLSContext context) {
                        handshakes.incrementAndGet();
                    }
                })
                .build();
        DTLSConnector made = new DTLSConnector(config);
        made.setRawDataReceiver(message -> {
            heard.add(new Heard(
                    new String(message.getBytes(), StandardCharsets.UTF_8),
                    message.getInetSocketAddress(),
                    message.getSenderIdentity().getName()));
            made.send(RawData.outbound(message.getBytes(), message.getEndpointContext(), null, false));
        });
        return made;
    }

    static byte[] keyOf(String identity) {
        return ("key-of-" + identity).getBytes(StandardCharsets.UTF_8);
    }

    private static final class Keys implements AdvancedPskStore {
        @Override
        public boolean hasEcdhePskSupported() {
            return false;
        }

        @Override
        public PskSecretResult requestPskSecretResult(
                ConnectionId cid,
                ServerNames names,
                PskPublicInformation identity,
                String hmac,
                SecretKey other,
                byte[] seed,
                boolean extended) {
            String name = identity.getPublicInfoAsString();
            boolean known = name.startsWith("module-");
            return new PskSecretResult(cid, identity, known ? SecretUtil.create(keyOf(name), "PSK") : null);
        }

        @Override
        public PskPublicInformation getIdentity(InetSocketAddress peer, ServerNames names) {
            return null;
        }

        @Override
        public void setResultHandler(HandshakeResultHandler handler) {
            // Every answer is given at once.
        }
    }

    InetSocketAddress address() {
        return connector.getAddress();
    }

    /** Stops, and starts on the same port with the sessions it had, as a planned restart does. */
    void restartGracefully() throws IOException {
        int port = address().getPort();
        connector.stop();
        ByteArrayOutputStream saved = new ByteArrayOutputStream();
        connector.saveConnections(saved, 3600);
        connector.destroy();
        connector = connector(port);
        connector.loadConnections(new ByteArrayInputStream(saved.toByteArray()), 0);
        connector.start();
    }

    /** Loses all sessions, as a crash does. */
    void crash() throws IOException {
        int port = address().getPort();
        connector.destroy();
        connector = connector(port);
        connector.start();
    }

    @Override
    public void close() {
        connector.destroy();
    }
}
