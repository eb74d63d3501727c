package wavegate.sim.device;

/**
 * One kind of module. {@code flashBytes} is the room of one firmware slot; a larger package ends with result 2. {@code batteryMah} is a full
 * charge. An empty {@code manufacturer} leaves it to the client's family to say one.
 */
public record ModuleModel(
        String manufacturer,
        String model,
        String hardware,
        String baseVersion,
        String partitionLayout,
        long flashBytes,
        double batteryMah) {
    public ModuleModel {
        if (model.isBlank() || baseVersion.isBlank() || partitionLayout.isBlank()) {
            throw new IllegalArgumentException("module model: \"" + model + "\" version \"" + baseVersion
                    + "\" layout \"" + partitionLayout + "\" (expected: none of them empty)");
        }
        if (flashBytes < 1) {
            throw new IllegalArgumentException("flash: " + flashBytes + " (expected: at least 1 byte)");
        }
        if (!(batteryMah > 0)) {
            throw new IllegalArgumentException("battery: " + batteryMah + " (expected: more than 0 mAh)");
        }
    }
}
