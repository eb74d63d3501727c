package wavegate.server.mqtt;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import org.eclipse.paho.mqttv5.client.MqttAsyncClient;
import org.eclipse.paho.mqttv5.client.MqttConnectionOptions;
import org.eclipse.paho.mqttv5.client.persist.MemoryPersistence;
import org.eclipse.paho.mqttv5.common.MqttException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import wavegate.config.MqttSettings;
import wavegate.firmware.device.Endpoint;
import wavegate.firmware.telemetry.HealthReport;
import wavegate.firmware.telemetry.Metric;
import wavegate.server.ingest.TelemetryIntake;
import wavegate.server.rollout.Inbox;
import wavegate.server.rollout.RolloutInput;
import wavegate.server.store.memory.MemoryTelemetryStore;

/** Against a real broker. Where there is none the test says so; a build machine has one ({@code .ci/run}). */
class MqttTelemetryTest {
    private static final Duration SOON = Duration.ofSeconds(20);
    private static final Endpoint PUMP = new Endpoint("pump-17");

    @TempDir
    Path directory;

    private final MemoryTelemetryStore store = new MemoryTelemetryStore(16);
    private final List<RolloutInput> told = new CopyOnWriteArrayList<>();
    private final ScheduledExecutorService timer = Executors.newScheduledThreadPool(1);
    private final TelemetryIntake intake =
            new TelemetryIntake(PUMP::equals, store, new Watching(told), InstantSource.system());

    private record Watching(List<RolloutInput> told) implements Inbox {
        @Override
        public boolean offer(RolloutInput input) {
            return told.add(input);
        }

        @Override
        public boolean concerns(Endpoint endpoint) {
            return false;
        }

        @Override
        public boolean watches(Endpoint endpoint) {
            return true;
        }
    }

    @BeforeEach
    void aBrokerIsHere() {
        boolean here = Mosquitto.program().isPresent();
        if ("required".equals(System.getenv("REQUIRE_TEST_BROKER"))) {
            assertThat(here).as("mosquitto on a build machine").isTrue();
        }
        assumeTrue(here, "no mosquitto on this machine (Debian: apt-get install mosquitto)");
    }

    @AfterEach
    void stopTimer() {
        timer.shutdownNow();
    }

    private MqttSettings settings(Mosquitto broker, String password) throws IOException {
        Path file = Files.writeString(directory.resolve("password"), password + "\n");
        return new MqttSettings(
                broker.uri(), "", "wavegate", file.toString(), "wavegate-test", "site/wavegate", Duration.ofSeconds(2));
    }

    private static void publish(Mosquitto broker, String topic, String... payloads) throws MqttException {
        MqttAsyncClient device = new MqttAsyncClient(broker.pahoUri(), "device", new MemoryPersistence());
        MqttConnectionOptions options = new MqttConnectionOptions();
        options.setUserName("wavegate");
        options.setPassword("right-one".getBytes(UTF_8));
        device.connect(options).waitForCompletion(5000);
        for (String payload : payloads) {
            device.publish(topic, payload.getBytes(UTF_8), 1, false).waitForCompletion(5000);
        }
        device.disconnect().waitForCompletion(5000);
        device.close();
    }

    @Test
    void reports_reach_the_store_and_the_gate_once_and_garbage_is_counted() throws Exception {
        try (Mosquitto broker = new Mosquitto(directory)) {
            broker.user("wavegate", "right-one");
            broker.start();
            try (MqttTelemetry mqtt = new MqttTelemetry(settings(broker, "right-one"), intake, timer, new Random(1))) {
                mqtt.start();
                await().atMost(SOON).until(mqtt::connected);

                String report = "{\"boot\": 1, \"seq\": 5, \"values\": {\"crash-count\": 2}}";
                publish(
                        broker,
                        "site/wavegate/telemetry/pump-17",
                        report,
                        report,
                        "{\"endpoint\": \"other\", \"values\": {\"crash-count\": 2}}",
                        "not json",
                        "",
                        "[".repeat(2000),
                        "[{\"values\": {\"crash-count\": 3}}, {\"values\": {\"crash-count\": -3}}]");
                publish(
                        broker,
                        "site/wavegate/telemetry",
                        "{\"endpoint\": \"stranger\", \"values\": {\"crash-count\": 2}}",
                        "{\"endpoint\": \"pump-17\", \"values\": {\"energy-used-mah\": 7.5}}");

                await().atMost(SOON)
                        .untilAsserted(() -> assertThat(mqtt.taken()).isEqualTo(3));
                assertThat(mqtt.doubled()).isEqualTo(1);
                await().atMost(SOON)
                        .untilAsserted(() -> assertThat(mqtt.refused()).isEqualTo(6));
            }
        }
        assertThat(told).hasSize(3);
        assertThat(store.latest(PUMP, 9))
                .extracting(HealthReport::values)
                .extracting(values -> values.get(Metric.CRASH_COUNT))
                .containsExactlyInAnyOrder(2.0, 3.0, null);
    }

    @Test
    void what_came_while_the_server_was_away_is_read_when_it_is_back_and_a_broker_that_went_is_found_again()
            throws Exception {
        try (Mosquitto broker = new Mosquitto(directory)) {
            broker.user("wavegate", "right-one");
            broker.start();
            try (MqttTelemetry first = new MqttTelemetry(settings(broker, "right-one"), intake, timer, new Random(1))) {
                first.start();
                await().atMost(SOON).until(first::connected);
            }
            publish(broker, "site/wavegate/telemetry/pump-17", "{\"values\": {\"crash-count\": 1}}");
            try (MqttTelemetry second =
                    new MqttTelemetry(settings(broker, "right-one"), intake, timer, new Random(1))) {
                second.start();
                await().atMost(SOON).until(() -> second.taken() == 1);

                broker.stop();
                await().atMost(SOON).until(() -> !second.connected());
                broker.start();
                await().atMost(SOON).until(second::connected);
                publish(broker, "site/wavegate/telemetry/pump-17", "{\"values\": {\"crash-count\": 2}}");
                await().atMost(SOON).until(() -> second.taken() == 2);
            }
        }
    }

    @Test
    void a_wrong_password_is_tried_again_and_the_right_one_is_read_from_its_file_then() throws Exception {
        try (Mosquitto broker = new Mosquitto(directory)) {
            broker.user("wavegate", "right-one");
            broker.start();
            try (MqttTelemetry mqtt = new MqttTelemetry(settings(broker, "wrong-one"), intake, timer, new Random(1))) {
                mqtt.start();
                await().during(Duration.ofMillis(500)).atMost(SOON).until(() -> !mqtt.connected());
                Files.writeString(directory.resolve("password"), "right-one");
                await().atMost(SOON).until(mqtt::connected);
            }
        }
    }
}
