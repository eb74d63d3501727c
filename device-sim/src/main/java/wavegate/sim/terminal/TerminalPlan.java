package wavegate.sim.terminal;

import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import wavegate.sim.coap.Psk;
import wavegate.sim.coap.Transports;
import wavegate.sim.device.DeviceSettings;
import wavegate.sim.device.ModuleIdentity;

/**
 * What terminals are to be.
 *
 * @param server CoAP endpoint of the version server
 * @param keys by endpoint, asked where {@code secure}
 * @param timeFactor simulated seconds per real second; scales delays and rates, not what the server sees
 * @param rampUp real time over which they are switched on
 */
public record TerminalPlan(
        List<ModuleIdentity> terminals,
        InetSocketAddress server,
        boolean secure,
        Function<String, Optional<Psk>> keys,
        DeviceSettings.Timing timing,
        DeviceSettings.Health health,
        DeviceSettings.Coap coap,
        long seed,
        double timeFactor,
        Duration rampUp,
        Transports.Kind transport) {
    public TerminalPlan {
        terminals = List.copyOf(terminals);
        if (terminals.isEmpty()) {
            throw new IllegalArgumentException("terminals: 0 (expected: at least 1)");
        }
    }

    /** Real milliseconds of a simulated duration, at least 1. */
    long real(Duration simulated) {
        return Math.max(1, Math.round(simulated.toMillis() / timeFactor));
    }

    double hours(long realMs) {
        return realMs * timeFactor / 3_600_000.0;
    }
}
