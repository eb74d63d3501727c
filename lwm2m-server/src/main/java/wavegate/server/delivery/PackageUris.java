package wavegate.server.delivery;

/** Package URIs that lead to {@link FirmwareResource}. */
final class PackageUris {
    private final String coapBase;
    private final String coapsBase;

    PackageUris(DeliverySettings settings) {
        this.coapBase = settings.coapBase();
        this.coapsBase = settings.coapsBase();
    }

    /** By the transport the device is registered with, so that it can use the key it has; by the other if that one is off. */
    String uri(boolean secure, String token) {
        boolean useCoaps = secure ? !coapsBase.isEmpty() : coapBase.isEmpty();
        return (useCoaps ? coapsBase : coapBase) + "/" + FirmwareResource.NAME + "/" + token;
    }
}
