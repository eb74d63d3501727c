package wavegate.sim.device;

/** When a module is out of reach by its duty cycle or a black-out. Asks the clock, and keeps nothing. */
final class Reach {
    private static final double GOLDEN = 0.618_033_988_749_895;

    private final DeviceSettings settings;
    private final long onMs;
    private final long periodMs;
    private final long phaseMs;

    Reach(DeviceSettings settings, int index) {
        this.settings = settings;
        Failures.Duty duty = settings.failures().duty();
        this.onMs = settings.real(duty.on());
        this.periodMs = duty.off().isZero() ? 0 : onMs + settings.real(duty.off());
        this.phaseMs = (long) (index * GOLDEN % 1.0 * periodMs);
    }

    /** Whether there is anything to ask. */
    static boolean limited(DeviceSettings settings) {
        return !settings.outages().isEmpty()
                || !settings.failures().duty().off().isZero();
    }

    boolean down(long now) {
        if (periodMs > 0 && Math.floorMod(now + phaseMs, periodMs) >= onMs) {
            return true;
        }
        for (DeviceSettings.Outage outage : settings.outages()) {
            if (outage.covers(now)) {
                return true;
            }
        }
        return false;
    }

    /** The end of the power cut in force; 0 if there is power. */
    long powerBackAt(long now) {
        for (DeviceSettings.Outage outage : settings.outages()) {
            if (outage.power() && outage.covers(now)) {
                return outage.untilMs();
            }
        }
        return 0;
    }

    /** When that may change next. */
    long nextEdge(long now) {
        long at = DeviceContext.NEVER;
        if (periodMs > 0) {
            long position = Math.floorMod(now + phaseMs, periodMs);
            at = now + (position < onMs ? onMs - position : periodMs - position);
        }
        for (DeviceSettings.Outage outage : settings.outages()) {
            if (outage.fromMs() > now) {
                at = Math.min(at, outage.fromMs());
            } else if (outage.untilMs() > now) {
                at = Math.min(at, outage.untilMs());
            }
        }
        return at;
    }
}
