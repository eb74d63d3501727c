package wavegate.sim;

import java.net.InetSocketAddress;
import java.time.Duration;
import wavegate.sim.coap.Transports;
import wavegate.sim.scenario.Scenario;

/**
 * What a fleet is to be. {@code timeFactor} is simulated seconds per real second and scales rates and delays of the scenario; what the server
 * sees stays real time. {@code rampUp} is the real time over which the devices are switched on.
 */
public record FleetPlan(
        int devices,
        InetSocketAddress server,
        Scenario scenario,
        long seed,
        double timeFactor,
        Duration rampUp,
        Transports.Kind transport) {
    private static final int MAX_DEVICES = 1_000_000;
    /** Gentle enough for a cold server on a small machine. */
    private static final int REGISTRATIONS_PER_SECOND = 1000;

    public FleetPlan {
        if (devices < 1 || devices > MAX_DEVICES) {
            throw new IllegalArgumentException("devices: " + devices + " (expected: 1.." + MAX_DEVICES + ")");
        }
        if (server.isUnresolved()) {
            throw new IllegalArgumentException("server: " + server + " (expected: an address that resolves)");
        }
        if (!(timeFactor > 0 && timeFactor <= 100_000)) {
            throw new IllegalArgumentException("time factor: " + timeFactor + " (expected: above 0, at most 100000)");
        }
        if (rampUp.isNegative()) {
            throw new IllegalArgumentException("ramp-up: " + rampUp + " (expected: 0 or more)");
        }
    }

    /** Real time, seed 1, a ramp-up of 1,000 devices per second, the best transport there is. */
    public static FleetPlan of(int devices, InetSocketAddress server, Scenario scenario) {
        Duration ramp = Duration.ofMillis(devices * 1000L / REGISTRATIONS_PER_SECOND);
        return new FleetPlan(devices, server, scenario, 1, 1, ramp, Transports.Kind.AUTO);
    }

    public FleetPlan withSeed(long value) {
        return new FleetPlan(devices, server, scenario, value, timeFactor, rampUp, transport);
    }

    public FleetPlan withTimeFactor(double value) {
        return new FleetPlan(devices, server, scenario, seed, value, rampUp, transport);
    }

    public FleetPlan withRampUp(Duration value) {
        return new FleetPlan(devices, server, scenario, seed, timeFactor, value, transport);
    }

    public FleetPlan withTransport(Transports.Kind value) {
        return new FleetPlan(devices, server, scenario, seed, timeFactor, rampUp, value);
    }
}
