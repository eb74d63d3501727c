package wavegate.sim.device;

/**
 * What a firmware image claims and does. {@code model} and {@code hardware} are what it fits; empty fits any. The multipliers change the
 * crash rate and the current drawn of a module that runs it, 1 being healthy. {@code wrongDigest} seals the image with a digest that is not
 * its payload's, which only the boot stage notices.
 */
public record ImageSpec(
        String version,
        String model,
        String hardware,
        String partitionLayout,
        double crashMultiplier,
        double energyMultiplier,
        boolean failsToBoot,
        boolean wrongDigest) {
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
        return new ImageSpec(version, "", "", partitionLayout, 1, 1, false, false);
    }

    public ImageSpec crashingTimes(double multiplier) {
        return new ImageSpec(
                version, model, hardware, partitionLayout, multiplier, energyMultiplier, failsToBoot, wrongDigest);
    }

    public ImageSpec drainingTimes(double multiplier) {
        return new ImageSpec(
                version, model, hardware, partitionLayout, crashMultiplier, multiplier, failsToBoot, wrongDigest);
    }

    public ImageSpec thatFailsToBoot() {
        return new ImageSpec(
                version, model, hardware, partitionLayout, crashMultiplier, energyMultiplier, true, wrongDigest);
    }

    public ImageSpec withWrongDigest() {
        return new ImageSpec(
                version, model, hardware, partitionLayout, crashMultiplier, energyMultiplier, failsToBoot, true);
    }

    public ImageSpec forLayout(String layout) {
        return new ImageSpec(
                version, model, hardware, layout, crashMultiplier, energyMultiplier, failsToBoot, wrongDigest);
    }

    public ImageSpec forModel(String fittingModel, String fittingHardware) {
        return new ImageSpec(
                version,
                fittingModel,
                fittingHardware,
                partitionLayout,
                crashMultiplier,
                energyMultiplier,
                failsToBoot,
                wrongDigest);
    }
}
