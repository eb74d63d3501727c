package wavegate.sim;

import java.time.Duration;
import wavegate.sim.device.DeviceSettings;
import wavegate.sim.scenario.Scenario;

/**
 * How the time of a run is shared out. {@code total} zero: it runs until it is interrupted. {@code campaignShare} zero: no campaign.
 */
record RunPlan(Duration total, double campaignShare) {
    /** What the shares of a run without an end are shares of. */
    private static final Duration UNLIMITED = Duration.ofMinutes(10);

    private static final double STEADY_AT_LEAST = 0.10;
    private static final double CAMPAIGN_AT_LATEST = 0.50;
    private static final int MOST_TELEMETRY_PER_SECOND = 1500;
    private static final int MOST_SAMPLES = 1200;
    private static final int DEVICES_PER_SAMPLE_SECOND = 100_000;

    boolean campaign() {
        return campaignShare > 0;
    }

    boolean endless() {
        return total.isZero();
    }

    private Duration length() {
        return endless() ? UNLIMITED : total;
    }

    private Duration share(double share) {
        return Duration.ofMillis(Math.round(length().toMillis() * share));
    }

    /** How long the fleet is left in peace between the registration storm and the campaign. */
    Duration steadyAtLeast() {
        return share(STEADY_AT_LEAST);
    }

    /** When the campaign begins even if some device is missing. */
    Duration campaignAtLatest() {
        return share(CAMPAIGN_AT_LATEST);
    }

    Duration left(Duration elapsed) {
        Duration left = length().minus(elapsed);
        return left.compareTo(share(STEADY_AT_LEAST)) < 0 ? share(STEADY_AT_LEAST) : left;
    }

    /** Between two looks at the whole fleet, seconds: looking costs time that the fleet stands still. */
    int sampleSeconds(int devices) {
        long forTime = length().toSeconds() / MOST_SAMPLES;
        return (int) Math.max(1, Math.max(forTime, devices / DEVICES_PER_SAMPLE_SECOND));
    }

    /** Between two lines of progress, seconds. */
    int lineSeconds(int devices) {
        long seconds = endless() || length().compareTo(Duration.ofMinutes(2)) > 0 ? 10 : 1;
        return (int) Math.max(seconds, sampleSeconds(devices));
    }

    /**
     * The scenario with habits in step with the length of the run where there is a campaign, so that modules apply, return and report within it;
     * never slower than its file says.
     */
    Scenario scenario(Scenario scenario, int devices, double timeFactor) {
        if (!campaign()) {
            return scenario;
        }
        DeviceSettings.Timing t = scenario.timing();
        Duration telemetry = share(1.0 / 15);
        Duration bearable = Duration.ofMillis(devices * 1000L / MOST_TELEMETRY_PER_SECOND);
        return scenario.withTiming(new DeviceSettings.Timing(
                t.lifetimeSeconds(),
                t.registrationUpdate(),
                least(t.telemetryPeriod(), most(telemetry, bearable), timeFactor),
                least(t.applyDelay(), share(1.0 / 30), timeFactor),
                least(t.bootTime(), share(1.0 / 60), timeFactor),
                t.retryAfter(),
                t.awake()));
    }

    private static Duration most(Duration a, Duration b) {
        return a.compareTo(b) > 0 ? a : b;
    }

    /** The shorter of a simulated and a real duration, simulated. */
    private static Duration least(Duration simulated, Duration real, double timeFactor) {
        Duration inStep = Duration.ofMillis(Math.max(1, Math.round(real.toMillis() * timeFactor)));
        return simulated.compareTo(inStep) < 0 ? simulated : inStep;
    }
}
