package wavegate.sim.device;

import java.util.Optional;
import wavegate.firmware.object.ModemHealthObject;

/**
 * Crashes and energy of the module as functions of the firmware it runs, and the Modem Health object that tells of them. Crashes are a Poisson
 * process whose rate changes after the first one of a firmware; energy is a rate with a factor of the device and noise over time.
 */
final class Health implements ModuleObject {
    private static final int[] RESOURCES = {
        ModemHealthObject.CRASH_COUNT,
        ModemHealthObject.LAST_CRASH_REASON,
        ModemHealthObject.BOOT_COUNT,
        ModemHealthObject.UPTIME,
        ModemHealthObject.ENERGY_USED,
        ModemHealthObject.LAST_CRASH_TIME
    };
    private static final String CRASH_REASON = "watchdog: modem task stalled";
    private static final int LOW_BATTERY = 1;
    private static final int LOW_BATTERY_PERCENT = 10;
    private static final int EMPTY_MILLIVOLTS = 3000;
    private static final int MILLIVOLTS_PER_PERCENT = 12;
    private static final double SPREAD_BETWEEN_DEVICES = 0.1;
    private static final double LEAST_NOISE_FACTOR = 0.1;

    private final DeviceContext context;
    private final Flash flash;
    private final double chargeAtStartMah;
    private final float deviceFactor;
    private double energyUsedMah;
    private long energyAt;
    private long bootedAt;
    private long nextCrashAt = DeviceContext.NEVER;
    private long lastCrashSeconds;
    private Slot crashesCountedFor;
    private boolean crashedOnThisFirmware;
    /** What the firmware that runs does to energy and crashes, its regressions included. */
    private float energyFactor = 1;

    private float crashFactor = 1;

    Health(DeviceContext context, Flash flash) {
        this.context = context;
        this.flash = flash;
        this.chargeAtStartMah = context.identity.model().batteryMah() * (0.7 + 0.3 * context.random.nextDouble());
        this.deviceFactor = (float) Math.exp(SPREAD_BETWEEN_DEVICES * context.random.nextGaussian());
        this.crashesCountedFor = flash.active();
    }

    @Override
    public int id() {
        return ModemHealthObject.OBJECT_ID;
    }

    @Override
    public int[] resources() {
        return RESOURCES;
    }

    @Override
    public Optional<Value> read(int resource) {
        return switch (resource) {
            case ModemHealthObject.CRASH_COUNT -> Optional.of(new Value.Whole(context.tally.crashes));
            case ModemHealthObject.LAST_CRASH_REASON ->
                Optional.of(new Value.Text(context.tally.crashes == 0 ? "" : CRASH_REASON));
            case ModemHealthObject.BOOT_COUNT -> Optional.of(new Value.Whole(context.tally.boots));
            case ModemHealthObject.UPTIME -> Optional.of(new Value.Whole((context.now() - bootedAt) / 1000));
            case ModemHealthObject.ENERGY_USED -> Optional.of(new Value.Decimal(energyUsedMah()));
            case ModemHealthObject.LAST_CRASH_TIME -> Optional.of(new Value.Whole(lastCrashSeconds));
            default -> Optional.empty();
        };
    }

    void powerOn(boolean veryFirst) {
        if (veryFirst) {
            energyAt = context.now();
        }
        bootedAt = context.now();
        if (!flash.active().equals(crashesCountedFor)) {
            crashesCountedFor = flash.active();
            crashedOnThisFirmware = false;
        }
        ImageHeader running = flash.active().header();
        Failures failures = context.settings.failures();
        crashFactor = (float) (running.crashMultiplier() * failures.crashes(running.version()));
        energyFactor = (float) (running.energyMultiplier() * failures.energy(running.version()));
        drawNextCrash();
    }

    private void drawNextCrash() {
        DeviceSettings.Health rates = context.settings.health();
        double perHour = (crashedOnThisFirmware ? rates.repeatCrashesPerHour() : rates.crashesPerHour()) * crashFactor;
        nextCrashAt = perHour <= 0
                ? DeviceContext.NEVER
                : context.now() + context.settings.realOfHours(context.random.nextExponential() / perHour);
    }

    void powerOff() {
        energyUsedMah();
        nextCrashAt = DeviceContext.NEVER;
    }

    long nextCrashAt() {
        return nextCrashAt;
    }

    /** The module has just crashed; a reboot follows. */
    void crashed() {
        context.tally.crashes++;
        lastCrashSeconds = context.now() / 1000;
        crashedOnThisFirmware = true;
    }

    double energyUsedMah() {
        long elapsed = context.now() - energyAt;
        if (elapsed > 0) {
            DeviceSettings.Health rates = context.settings.health();
            double noise = Math.max(LEAST_NOISE_FACTOR, 1 + rates.energyNoise() * context.random.nextGaussian());
            energyUsedMah +=
                    context.settings.hours(elapsed) * rates.energyMahPerHour() * energyFactor * deviceFactor * noise;
            energyAt = context.now();
        }
        return energyUsedMah;
    }

    /** As of the last time the device looked; looking for a report must not change what the device will see. */
    double lastEnergyUsedMah() {
        return energyUsedMah;
    }

    int batteryPercent() {
        energyUsedMah();
        return lastBatteryPercent();
    }

    int lastBatteryPercent() {
        double left = Math.max(0, chargeAtStartMah - energyUsedMah);
        return (int) Math.round(100 * left / context.identity.model().batteryMah());
    }

    int millivolts() {
        return EMPTY_MILLIVOLTS + MILLIVOLTS_PER_PERCENT * batteryPercent();
    }

    int errorCode() {
        return batteryPercent() < LOW_BATTERY_PERCENT ? LOW_BATTERY : 0;
    }
}
