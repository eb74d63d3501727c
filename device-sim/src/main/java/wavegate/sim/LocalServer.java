package wavegate.sim;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.Collections;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import wavegate.sim.scenario.Scenario;

/** A server started for one fleet, in a process of its own, with nothing to configure. Used by one thread. */
public interface LocalServer extends AutoCloseable {
    /** Makes one. The simulator by itself has none to start. */
    interface Starter {
        /** @throws IOException if it does not come up; says what it said last */
        LocalServer start(Order order) throws IOException;
    }

    /** The fleet it is for. {@code scenario} with the timing the devices will have. */
    record Order(int devices, Scenario scenario, long seed) {}

    /**
     * One wave of firmware.
     *
     * @param share of the fleet, 0..1
     * @param left real time until the run ends
     * @param telemetryPeriod of the devices, real time
     * @param crashesPerHour of healthy firmware, per device and real hour
     */
    record CampaignOrder(double share, Duration left, Duration telemetryPeriod, double crashesPerHour) {}

    /** A campaign as the server sees it. {@code updates}: how many devices of the wave are in which phase. {@code gate} empty: not judged yet. */
    record CampaignView(
            String phase,
            String reason,
            String gate,
            int waveSize,
            SortedMap<String, Integer> updates,
            boolean stopped) {
        public static final CampaignView NONE = new CampaignView("", "", "", 0, new TreeMap<>(), false);

        public CampaignView {
            updates = Collections.unmodifiableSortedMap(new TreeMap<>(updates));
        }

        /** Devices with the update behind them, proven or about to be. */
        public int done() {
            return updates.getOrDefault("SUCCESS", 0) + updates.getOrDefault("VERIFY_POST", 0);
        }
    }

    /** Where devices register. */
    InetSocketAddress coap();

    /** Its page for people. */
    String page();

    long processId();

    /** How many devices have told it what they run, so that a campaign can choose them. */
    long identified() throws IOException;

    /** What it released, once a campaign was started: the digest of the payload in hex. */
    Optional<String> released();

    void startCampaign(CampaignOrder order) throws IOException;

    /** {@link CampaignView#NONE} before one was started. */
    CampaignView campaign() throws IOException;

    /** Stops it and deletes what it kept. */
    @Override
    void close();
}
