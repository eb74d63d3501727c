package wavegate.sim.device;

/**
 * What a firmware image claims and does. {@code model} and {@code hardware} are what it fits; empty fits any. The multipliers change the
 * crash rate and the current drawn of a module that runs it, 1 being healthy. {@code wrongDigest} seals the image with a digest that is not
 * its payload's, which only the boot stage notices; {@code neverConfirms} makes one that boots and is gone again at the next reset.
 * {@code component} is the part of a module it is for; empty for any.
 */
public record ImageSpec(
        String version,
        String model,
        String hardware,
        String partitionLayout,
        double crashMultiplier,
        double energyMultiplier,
        boolean failsToBoot,
        boolean wrongDigest,
        boolean neverConfirms,
        String component) {
    static final int MAX_TEXT_BYTES = 255;

    public ImageSpec {
        if (version.isBlank()) {
            throw new IllegalArgumentException("image version: \"\" (expected: what a module shows once it runs it)");
        }
        checkMultiplier("crash multiplier", crashMultiplier);
        checkMultiplier("energy multiplier", energyMultiplier);
    }

    private static void checkMultiplier(String name, double value) {
        if (!(value >= 0 && value <= 10_000)) {
            throw new IllegalArgumentException(name + ": " + value + " (expected: 0..10000)");
        }
    }

    /** A healthy image for any model with the partition layout. */
    public static ImageSpec good(String version, String partitionLayout) {
        return new ImageSpec(version, "", "", partitionLayout, 1, 1, false, false, false, "");
    }

    public ImageSpec crashingTimes(double multiplier) {
        return new ImageSpec(
                version,
                model,
                hardware,
                partitionLayout,
                multiplier,
                energyMultiplier,
                failsToBoot,
                wrongDigest,
                neverConfirms,
                component);
    }

    public ImageSpec drainingTimes(double multiplier) {
        return new ImageSpec(
                version,
                model,
                hardware,
                partitionLayout,
                crashMultiplier,
                multiplier,
                failsToBoot,
                wrongDigest,
                neverConfirms,
                component);
    }

    public ImageSpec thatFailsToBoot() {
        return ending(true, wrongDigest, neverConfirms);
    }

    public ImageSpec withWrongDigest() {
        return ending(failsToBoot, true, neverConfirms);
    }

    /** It boots, and does not tell the boot stage that it is well. */
    public ImageSpec thatNeverConfirms() {
        return ending(failsToBoot, wrongDigest, true);
    }

    private ImageSpec ending(boolean fails, boolean wrong, boolean unconfirmed) {
        return new ImageSpec(
                version,
                model,
                hardware,
                partitionLayout,
                crashMultiplier,
                energyMultiplier,
                fails,
                wrong,
                unconfirmed,
                component);
    }

    public ImageSpec forLayout(String layout) {
        return fitting(model, hardware, layout, component);
    }

    public ImageSpec forModel(String fittingModel, String fittingHardware) {
        return fitting(fittingModel, fittingHardware, partitionLayout, component);
    }

    /** For one part of a module alone. */
    public ImageSpec forComponent(String name) {
        return fitting(model, hardware, partitionLayout, name);
    }

    private ImageSpec fitting(String forModel, String forHardware, String forLayout, String forComponent) {
        return new ImageSpec(
                version,
                forModel,
                forHardware,
                forLayout,
                crashMultiplier,
                energyMultiplier,
                failsToBoot,
                wrongDigest,
                neverConfirms,
                forComponent);
    }
}
