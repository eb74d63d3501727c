package wavegate.firmware.device;

/** What a device is, as its Device object says: /3/0/0, /3/0/1, /3/0/18. Empty where it has not said. */
public record DeviceIdentity(String manufacturer, String model, String hardware) {
    public static final DeviceIdentity UNKNOWN = new DeviceIdentity("", "", "");

    public boolean known() {
        return !equals(UNKNOWN);
    }
}
