package wavegate.sim;

import java.net.InetSocketAddress;
import java.time.Duration;
import wavegate.sim.coap.Transports;
import wavegate.sim.device.FirstContact;
import wavegate.sim.scenario.Scenario;

/**
 * What a fleet is to be. {@code keys} are what its devices prove themselves with where {@code first} is reached by DTLS. {@code timeFactor} is simulated seconds per real second and scales rates and delays of the scenario; what the server
 * sees stays real time. {@code rampUp} is the real time over which the devices are switched on.
 */
public record FleetPlan(
        int devices,
        FirstContact first,
        PskSource keys,
        Scenario scenario,
        long seed,
        double timeFactor,
        Duration rampUp,
        Transports.Kind transport) {
    private static final int MAX_DEVICES = 1_000_000;
    /** Gentle enough for a cold server on a small machine. */
    private static final int REGISTRATIONS_PER_SECOND = 1000;
    /** The same where each begins with a handshake or two. */
    private static final int HANDSHAKES_PER_SECOND = 200;

    public FleetPlan {
        if (devices < 1 || devices > MAX_DEVICES) {
            throw new IllegalArgumentException("devices: " + devices + " (expected: 1.." + MAX_DEVICES + ")");
        }
        if (!(timeFactor > 0 && timeFactor <= 100_000)) {
            throw new IllegalArgumentException("time factor: " + timeFactor + " (expected: above 0, at most 100000)");
        }
        if (rampUp.isNegative()) {
            throw new IllegalArgumentException("ramp-up: " + rampUp + " (expected: 0 or more)");
        }
    }

    /** Plain CoAP, real time, seed 1, a ramp-up of 1,000 devices per second, the best transport there is. */
    public static FleetPlan of(int devices, InetSocketAddress server, Scenario scenario) {
        return of(devices, FirstContact.plain(server), PskSource.NONE, scenario);
    }

    /** Real time, seed 1, a ramp-up of 1,000 devices per second, or 200 where they come by DTLS, the best transport there is. */
    public static FleetPlan of(int devices, FirstContact first, PskSource keys, Scenario scenario) {
        int perSecond = first.secure() || first.bootstrap() ? HANDSHAKES_PER_SECOND : REGISTRATIONS_PER_SECOND;
        Duration ramp = Duration.ofMillis(devices * 1000L / perSecond);
        return new FleetPlan(devices, first, keys, scenario, 1, 1, ramp, Transports.Kind.AUTO);
    }

    /** Where the devices go first. */
    public InetSocketAddress server() {
        return first.address();
    }

    public FleetPlan withSeed(long value) {
        return new FleetPlan(devices, first, keys, scenario, value, timeFactor, rampUp, transport);
    }

    public FleetPlan withTimeFactor(double value) {
        return new FleetPlan(devices, first, keys, scenario, seed, value, rampUp, transport);
    }

    public FleetPlan withRampUp(Duration value) {
        return new FleetPlan(devices, first, keys, scenario, seed, timeFactor, value, transport);
    }

    public FleetPlan withTransport(Transports.Kind value) {
        return new FleetPlan(devices, first, keys, scenario, seed, timeFactor, rampUp, value);
    }
}
