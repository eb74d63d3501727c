package wavegate.sim.coap;

import java.io.IOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetSocketAddress;
import java.util.concurrent.ScheduledExecutorService;
import org.eclipse.californium.scandium.DTLSConnector;
import org.eclipse.californium.scandium.config.DtlsConnectorConfig;
import org.eclipse.californium.scandium.dtls.Connection;
import org.eclipse.californium.scandium.dtls.Handshaker;
import org.eclipse.californium.scandium.dtls.ResumptionSupportingConnectionStore;

/** Scandium's connector without its socket: records leave through a {@link Wire} and come in by {@link #processDatagram(DatagramPacket)}. */
final class MultiplexedConnector extends DTLSConnector {
    private static final int MTU = 1500;

    /** Takes a datagram of DTLS records for a synthetic peer. */
    interface Wire {
        void send(InetSocketAddress synthetic, byte[] records);
    }

    private final ResumptionSupportingConnectionStore connections;
    private final Wire wire;

    MultiplexedConnector(
            DtlsConnectorConfig config,
            ResumptionSupportingConnectionStore connections,
            ScheduledExecutorService executor,
            Wire wire) {
        super(config, connections);
        this.connections = connections;
        this.wire = wire;
        setExecutor(executor);
    }

    static ResumptionSupportingConnectionStore store(DtlsConnectorConfig config) {
        return createConnectionStore(config);
    }

    /** The socket is bound because the connector insists on one; nobody is told of it and nothing reads it. */
    @Override
    protected void start(InetSocketAddress address) throws IOException {
        if (!isRunning()) {
            init(address, new DatagramSocket(null), MTU);
        }
    }

    @Override
    protected void sendNextDatagramOverNetwork(DatagramPacket packet) {
        byte[] records = new byte[packet.getLength()];
        System.arraycopy(packet.getData(), packet.getOffset(), records, 0, records.length);
        wire.send((InetSocketAddress) packet.getSocketAddress(), records);
    }

    /** Whether what is sent now leaves at once, without a handshake before it. */
    boolean open(InetSocketAddress synthetic) {
        Connection connection = connections.get(synthetic);
        return connection != null
                && connection.hasEstablishedDtlsContext()
                && !connection.isResumptionRequired()
                && !connection.getEstablishedDtlsContext().isMarkedAsClosed();
    }

    /** Drops the session without a word to the peer, its handshake too. */
    void forget(InetSocketAddress synthetic) {
        Connection connection = connections.get(synthetic);
        if (connection != null && connection.isExecuting()) {
            connection.getExecutor().execute(() -> {
                Handshaker ongoing = connection.getOngoingHandshake();
                if (ongoing != null) {
                    ongoing.handshakeAborted(new IOException("power lost"));
                }
                connections.remove(connection, true);
            });
        }
    }
}
