package wavegate.sim.scenario;

import wavegate.sim.device.ImageSpec;

/** What the firmware released in a scenario does to the modules that run it, or try to. */
public record ImageTraits(
        double crashMultiplier,
        double energyMultiplier,
        boolean failsToBoot,
        boolean wrongDigest,
        boolean wrongPartition,
        boolean neverConfirms) {
    public static final ImageTraits HEALTHY = new ImageTraits(1, 1, false, false, false, false);

    private static final String FOREIGN_LAYOUT = "other-";

    /** The spec of an image of this kind for modules with the partition layout. */
    public ImageSpec spec(String version, String partitionLayout) {
        String layout = wrongPartition ? FOREIGN_LAYOUT + partitionLayout : partitionLayout;
        return new ImageSpec(
                version,
                "",
                "",
                layout,
                crashMultiplier,
                energyMultiplier,
                failsToBoot,
                wrongDigest,
                neverConfirms,
                "");
    }
}
