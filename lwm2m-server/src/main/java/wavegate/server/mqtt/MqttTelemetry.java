package wavegate.server.mqtt;

import java.io.IOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import java.util.random.RandomGenerator;
import org.eclipse.paho.mqttv5.client.IMqttToken;
import org.eclipse.paho.mqttv5.client.MqttAsyncClient;
import org.eclipse.paho.mqttv5.client.MqttCallback;
import org.eclipse.paho.mqttv5.client.MqttConnectionOptions;
import org.eclipse.paho.mqttv5.client.MqttDisconnectResponse;
import org.eclipse.paho.mqttv5.client.persist.MemoryPersistence;
import org.eclipse.paho.mqttv5.common.MqttException;
import org.eclipse.paho.mqttv5.common.MqttMessage;
import org.eclipse.paho.mqttv5.common.MqttSubscription;
import org.eclipse.paho.mqttv5.common.packet.MqttProperties;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import wavegate.config.MqttSettings;
import wavegate.server.ingest.TelemetryIntake;

/**
 * Reads reports from a broker, at QoS 1 and in a session that the broker keeps for an hour, so that what comes while this server is away is not
 * lost. A broker that cannot be reached, or goes, is tried again, a second later at first and then after twice as long each time, up to the limit of
 * the settings. A fault here stops nothing else.
 */
public final class MqttTelemetry implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(MqttTelemetry.class);
    private static final Duration SESSION = Duration.ofHours(1);
    private static final long ANSWER_MILLIS = 10_000;
    private static final int IN_FLIGHT = 64;
    private static final int PROTOCOL_OVERHEAD = 1024;
    private static final int QOS = 1;

    private final MqttSettings settings;
    private final MqttMessages messages;
    private final ScheduledExecutorService timer;
    private final RandomGenerator random;
    private final String topic;
    private volatile boolean connected;
    private volatile boolean closed;
    private long waitMillis = 1000;
    private @Nullable MqttAsyncClient client;
    private @Nullable ScheduledFuture<?> next;

    /**
     * @param timer one thread of its own: an attempt to connect holds it
     * @param random for the jitter between attempts
     */
    public MqttTelemetry(
            MqttSettings settings, TelemetryIntake intake, ScheduledExecutorService timer, RandomGenerator random) {
        this.settings = settings;
        this.topic = settings.topic() + "/telemetry";
        this.messages = new MqttMessages(topic, intake);
        this.timer = timer;
        this.random = random;
    }

    /** Begins to connect; returns at once. */
    public void start() {
        again(0);
    }

    /** Whether it is subscribed now. */
    public boolean connected() {
        return connected;
    }

    public long taken() {
        return messages.taken();
    }

    /** Reports that were taken before. */
    public long doubled() {
        return messages.doubled();
    }

    /** Messages and reports that could not be used. */
    public long refused() {
        return messages.refused();
    }

    private synchronized void again(long inMillis) {
        if (!closed && (next == null || next.isDone())) {
            try {
                next = timer.schedule(this::connect, inMillis, TimeUnit.MILLISECONDS);
            } catch (RejectedExecutionException e) {
                LOG.debug("mqtt does not connect again: the server stops");
            }
        }
    }

    private void connect() {
        // From here on a lost connection may schedule the next attempt.
        synchronized (this) {
            next = null;
        }
        try {
            drop();
            MqttAsyncClient fresh = new MqttAsyncClient(broker(), settings.clientId(), new MemoryPersistence());
            synchronized (this) {
                if (closed) {
                    fresh.close();
                    return;
                }
                client = fresh;
            }
            fresh.setCallback(new Listener(fresh));
            fresh.connect(options()).waitForCompletion(ANSWER_MILLIS);
            fresh.subscribe(new MqttSubscription[] {
                        new MqttSubscription(topic, QOS), new MqttSubscription(topic + "/+", QOS)
                    })
                    .waitForCompletion(ANSWER_MILLIS);
            connected = true;
            waitMillis = 1000;
            LOG.info("mqtt connected broker={} topic={}", settings.uri(), topic);
        } catch (MqttException | IOException | RuntimeException e) {
            long pause = waitMillis + random.nextLong(waitMillis / 2 + 1);
            LOG.warn("mqtt not connected broker={} reason=\"{}\" again-in={}ms", settings.uri(), reason(e), pause);
            waitMillis = Math.min(settings.backoffMax().toMillis(), waitMillis * 2);
            again(pause);
        }
    }

    private static String reason(Exception e) {
        Throwable cause = e.getCause() == null ? e : e.getCause();
        return e instanceof MqttException mqtt
                ? "code " + mqtt.getReasonCode() + ", " + cause.getMessage()
                : String.valueOf(e.getMessage());
    }

    /** Paho's own names of schemes. */
    private String broker() {
        URI uri = URI.create(settings.uri());
        return (settings.encrypted() ? "ssl://" : "tcp://") + uri.getHost() + ":" + uri.getPort();
    }

    private MqttConnectionOptions options() throws IOException {
        MqttConnectionOptions options = new MqttConnectionOptions();
        options.setCleanStart(false);
        options.setSessionExpiryInterval(SESSION.toSeconds());
        options.setAutomaticReconnect(false);
        options.setReceiveMaximum(IN_FLIGHT);
        options.setMaximumPacketSize((long) MqttMessages.LONGEST_PAYLOAD + PROTOCOL_OVERHEAD);
        options.setConnectionTimeout((int) (ANSWER_MILLIS / 1000));
        if (!settings.user().isBlank()) {
            options.setUserName(settings.user());
        }
        if (!settings.passwordFile().isBlank()) {
            options.setPassword(
                    Files.readString(Path.of(settings.passwordFile())).strip().getBytes(StandardCharsets.UTF_8));
        }
        if (settings.encrypted()) {
            options.setSocketFactory(TrustedBroker.sockets(settings.ca()));
            options.setHttpsHostnameVerificationEnabled(true);
        }
        return options;
    }

    private void drop() {
        MqttAsyncClient before;
        synchronized (this) {
            before = client;
            client = null;
        }
        connected = false;
        if (before == null) {
            return;
        }
        try {
            if (before.isConnected()) {
                before.disconnect().waitForCompletion(1000);
            }
        } catch (MqttException e) {
            LOG.debug("mqtt did not part in order", e);
        }
        try {
            before.close(true);
        } catch (MqttException e) {
            LOG.debug("mqtt client not closed", e);
        }
    }

    @Override
    public void close() {
        synchronized (this) {
            closed = true;
            if (next != null) {
                next.cancel(false);
            }
        }
        drop();
    }

    /** Called on the client's threads. */
    private final class Listener implements MqttCallback {
        private final MqttAsyncClient of;

        Listener(MqttAsyncClient of) {
            this.of = of;
        }

        @Override
        public void disconnected(MqttDisconnectResponse response) {
            synchronized (MqttTelemetry.this) {
                if (client != of || !connected) {
                    return;
                }
            }
            connected = false;
            LOG.warn("mqtt connection lost broker={}", settings.uri());
            again(1000);
        }

        @Override
        public void mqttErrorOccurred(MqttException exception) {
            LOG.debug("mqtt", exception);
        }

        @Override
        public void messageArrived(String from, MqttMessage message) {
            messages.take(from, message.getPayload());
        }

        @Override
        public void deliveryComplete(IMqttToken token) {}

        @Override
        public void connectComplete(boolean reconnect, String serverUri) {}

        @Override
        public void authPacketArrived(int reasonCode, MqttProperties properties) {}
    }
}
