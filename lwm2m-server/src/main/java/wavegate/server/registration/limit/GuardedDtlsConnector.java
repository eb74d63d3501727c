package wavegate.server.registration.limit;

import java.net.DatagramPacket;
import java.net.InetSocketAddress;
import java.util.Arrays;
import java.util.concurrent.RejectedExecutionException;
import java.util.function.IntSupplier;
import java.util.function.LongSupplier;
import java.util.function.Predicate;
import java.util.function.Supplier;
import org.eclipse.californium.elements.RawData;
import org.eclipse.californium.elements.RawDataChannel;
import org.eclipse.californium.scandium.DTLSConnector;
import org.eclipse.californium.scandium.config.DtlsConnectorConfig;
import org.eclipse.californium.scandium.dtls.ConnectionEvictedException;
import org.eclipse.californium.scandium.dtls.ConnectionId;
import org.eclipse.californium.scandium.dtls.ConnectionIdGenerator;
import org.eclipse.californium.scandium.dtls.DTLSContext;
import org.eclipse.californium.scandium.dtls.Handshaker;
import org.eclipse.californium.scandium.dtls.ResumptionSupportingConnectionStore;
import org.eclipse.californium.scandium.dtls.SessionAdapter;
import org.jspecify.annotations.Nullable;
import wavegate.config.LimitSettings;

/**
 * A DTLS socket with a {@link DtlsGate} before it, a bound on handshakes under way, and one on decrypted messages that wait for a thread. What is
 * shed leaves nothing behind but a count.
 */
public final class GuardedDtlsConnector extends DTLSConnector {
    private final DtlsGate gate;
    private final ShedCounts counts;
    private final LongSupplier nanos;
    private final Handshakes<Handshaker> handshakes;
    private final IntSupplier backlog;
    private final long longestBacklog;
    private final Supplier<Shortcut> shortcut;

    /**
     * @param own whether a sender is this server's own probe
     * @param backlog decrypted messages that wait for a thread
     * @param nanos a monotonic clock
     * @param shortcut asked first for each decrypted message
     * @param salt secret and different at each start
     */
    public GuardedDtlsConnector(
            DtlsConnectorConfig configuration,
            LimitSettings limits,
            Predicate<InetSocketAddress> own,
            IntSupplier backlog,
            ShedCounts counts,
            LongSupplier nanos,
            Supplier<Shortcut> shortcut,
            long salt) {
        this(configuration, createConnectionStore(configuration), limits, own, backlog, counts, nanos, shortcut, salt);
    }

    private GuardedDtlsConnector(
            DtlsConnectorConfig configuration,
            ResumptionSupportingConnectionStore store,
            LimitSettings limits,
            Predicate<InetSocketAddress> own,
            IntSupplier backlog,
            ShedCounts counts,
            LongSupplier nanos,
            Supplier<Shortcut> shortcut,
            long salt) {
        super(configuration, store);
        ConnectionIdGenerator ids = configuration.getConnectionIdGenerator();
        int idBytes =
                ids != null && ids.useConnectionId() ? ids.createConnectionId().length() : 0;
        this.gate = new DtlsGate(limits, new StoredSessions(store), idBytes, own, salt);
        this.counts = counts;
        this.nanos = nanos;
        this.shortcut = shortcut;
        this.handshakes = new Handshakes<>(limits.handshakes(), limits.sourceHandshakes());
        this.backlog = backlog;
        this.longestBacklog = 4L * limits.backlog();
    }

    private record StoredSessions(ResumptionSupportingConnectionStore store) implements DtlsGate.Sessions {
        @Override
        public boolean at(InetSocketAddress peer) {
            return store.get(peer) != null;
        }

        @Override
        public boolean withId(byte[] data, int offset, int length) {
            return store.get(new ConnectionId(Arrays.copyOfRange(data, offset, offset + length))) != null;
        }
    }

    @Override
    protected void processDatagram(DatagramPacket packet, @Nullable InetSocketAddress router) {
        long now = nanos.getAsLong();
        Admission admission = gate.judge(
                packet.getData(),
                packet.getOffset(),
                packet.getLength(),
                (InetSocketAddress) packet.getSocketAddress(),
                now);
        if (counts.count(admission, now)) {
            super.processDatagram(packet, router);
        }
    }

    @Override
    public void setRawDataReceiver(@Nullable RawDataChannel receiver) {
        super.setRawDataReceiver(receiver == null ? null : message -> pass(receiver, message));
    }

    private void pass(RawDataChannel receiver, RawData message) {
        byte[] bytes = message.getBytes();
        if (shortcut.get()
                .answer(
                        bytes,
                        0,
                        bytes.length,
                        message.getInetSocketAddress(),
                        answer -> send(RawData.outbound(answer, message.getEndpointContext(), null, false)))) {
            return;
        }
        if (backlog.getAsInt() <= longestBacklog || !refusedForBacklog()) {
            receiver.receiveData(message);
        }
    }

    private boolean refusedForBacklog() {
        return !counts.count(Admission.BACKLOG, nanos.getAsLong());
    }

    /** Handshakes under way. */
    public int handshakes() {
        return handshakes.size();
    }

    @Override
    @SuppressWarnings("deprecation") // The listener of the configuration is one for all, and others may want it.
    protected void onInitializeHandshaker(Handshaker handshaker) {
        handshaker.addSessionListener(new SessionAdapter() {
            @Override
            public void contextEstablished(Handshaker done, DTLSContext context) {
                handshakes.end(done);
            }

            @Override
            public void handshakeFailed(Handshaker failed, Throwable error) {
                handshakes.end(failed);
            }
        });
        handshakes
                .begin(handshaker, Source.of(handshaker.getPeerAddress().getAddress()))
                .ifPresent(GuardedDtlsConnector::abandon);
    }

    private static void abandon(Handshaker oldest) {
        try {
            oldest.getConnection()
                    .getExecutor()
                    .execute(() -> oldest.handshakeFailed(new ConnectionEvictedException("too many handshakes")));
        } catch (RejectedExecutionException e) {
            // Its connection is closed already, or the socket is.
            return;
        }
    }
}
