package wavegate.server.registration;

import java.time.Duration;
import wavegate.config.LimitSettings;

/**
 * How the LwM2M endpoints are opened and bounded.
 *
 * @param coap NoSec over UDP; off unless configured, and never to be on in front of an open network
 * @param coaps DTLS
 * @param oscore OSCORE over UDP, and nothing without it
 * @param blockSize largest block sent or served: 16, 32 ... 1024 bytes
 * @param maxPeers addresses the CoAP stack remembers; 1.5 times the devices of this node
 * @param dedupMessagesPerPeer CON messages kept per peer to recognise repetitions; each costs up to 3 KiB
 * @param socketBufferBytes receive and send buffer asked of the system; smaller ones lose acknowledgements when many devices answer at once
 * @param protocolThreads threads of the CoAP stack; at least 4, since one only schedules
 * @param ackTimeout first retransmission of a confirmable message; doubles with each
 * @param maxRetransmit retransmissions before a confirmable message is given up
 * @param expiryPeriod how often expired registrations are looked for
 * @param limits what is taken before load is shed, and what a Register may say
 */
public record LwM2mSettings(
        Listener coap,
        Listener coaps,
        Listener oscore,
        int blockSize,
        int maxPeers,
        int dedupMessagesPerPeer,
        int socketBufferBytes,
        int protocolThreads,
        Duration ackTimeout,
        int maxRetransmit,
        Duration expiryPeriod,
        LimitSettings limits,
        Dtls dtls) {

    /**
     * @param connectionIdLength bytes of the connection ids given out; 0 for none
     * @param maxConnections DTLS connections at a time
     * @param macErrorQuiet how long an address is not listened to after {@code macErrors} forged records
     */
    public record Dtls(int connectionIdLength, int maxConnections, Duration macErrorQuiet, int macErrors) {
        public static final Dtls DEFAULT = new Dtls(6, 150_000, Duration.ofSeconds(4), 8);

        public Dtls {
            if (connectionIdLength < 0 || connectionIdLength > 255 || maxConnections < 1 || macErrors < 1) {
                throw new IllegalArgumentException("dtls: connection id of " + connectionIdLength + " bytes, "
                        + maxConnections + " connections, " + macErrors
                        + " forged records (expected: 0 to 255, at least 1, at least 1)");
            }
        }
    }

    /** An address to listen at. Port 0 takes any free one. */
    public record Listener(boolean on, String host, int port) {
        public static final Listener OFF = new Listener(false, "127.0.0.1", 0);

        public Listener {
            if (port < 0 || port > 65535) {
                throw new IllegalArgumentException("port: " + port + " (expected: 0..65535)");
            }
        }

        public static Listener at(String host, int port) {
            return new Listener(true, host, port);
        }
    }

    public LwM2mSettings {
        if (Integer.bitCount(blockSize) != 1 || blockSize < 16 || blockSize > 1024) {
            throw new IllegalArgumentException("block size: " + blockSize + " (expected: 16, 32, 64 ... 1024 bytes)");
        }
        if (protocolThreads < 2) {
            throw new IllegalArgumentException("protocol threads: " + protocolThreads + " (expected: at least 2)");
        }
        if (maxPeers < 1 || dedupMessagesPerPeer < 1 || maxRetransmit < 0) {
            throw new IllegalArgumentException("lwm2m settings: peers " + maxPeers + ", messages per peer "
                    + dedupMessagesPerPeer + ", retransmissions " + maxRetransmit
                    + " (expected: peers and messages at least 1)");
        }
    }

    /** Coaps on the given address, NoSec off. */
    public static LwM2mSettings defaults() {
        return new LwM2mSettings(
                Listener.OFF,
                Listener.at("127.0.0.1", 5684),
                Listener.OFF,
                1024,
                150_000,
                8,
                4 * 1024 * 1024,
                4,
                Duration.ofSeconds(2),
                4,
                Duration.ofSeconds(5),
                LimitSettings.DEFAULT,
                Dtls.DEFAULT);
    }

    public LwM2mSettings listening(Listener noSec, Listener secure) {
        return new LwM2mSettings(
                noSec,
                secure,
                oscore,
                blockSize,
                maxPeers,
                dedupMessagesPerPeer,
                socketBufferBytes,
                protocolThreads,
                ackTimeout,
                maxRetransmit,
                expiryPeriod,
                limits,
                dtls);
    }

    public LwM2mSettings withOscore(Listener at) {
        return new LwM2mSettings(
                coap,
                coaps,
                at,
                blockSize,
                maxPeers,
                dedupMessagesPerPeer,
                socketBufferBytes,
                protocolThreads,
                ackTimeout,
                maxRetransmit,
                expiryPeriod,
                limits,
                dtls);
    }

    public LwM2mSettings retransmitting(Duration first, int times) {
        return new LwM2mSettings(
                coap,
                coaps,
                oscore,
                blockSize,
                maxPeers,
                dedupMessagesPerPeer,
                socketBufferBytes,
                protocolThreads,
                first,
                times,
                expiryPeriod,
                limits,
                dtls);
    }

    public LwM2mSettings withLifetimes(Duration min, Duration max, Duration expiry) {
        return new LwM2mSettings(
                coap,
                coaps,
                oscore,
                blockSize,
                maxPeers,
                dedupMessagesPerPeer,
                socketBufferBytes,
                protocolThreads,
                ackTimeout,
                maxRetransmit,
                expiry,
                limits.withLifetimes(min, max),
                dtls);
    }

    public LwM2mSettings within(LimitSettings other) {
        return new LwM2mSettings(
                coap,
                coaps,
                oscore,
                blockSize,
                maxPeers,
                dedupMessagesPerPeer,
                socketBufferBytes,
                protocolThreads,
                ackTimeout,
                maxRetransmit,
                expiryPeriod,
                other,
                dtls);
    }

    public LwM2mSettings with(Dtls given) {
        return new LwM2mSettings(
                coap,
                coaps,
                oscore,
                blockSize,
                maxPeers,
                dedupMessagesPerPeer,
                socketBufferBytes,
                protocolThreads,
                ackTimeout,
                maxRetransmit,
                expiryPeriod,
                limits,
                given);
    }
}
