package wavegate.sim.device;

/** The release of LwM2M a client registers with, and what a client of that release can do. */
public enum LwM2mRelease {
    V1_0("1.0"),
    V1_1("1.1"),
    V1_2("1.2");

    private final String text;

    LwM2mRelease(String text) {
        this.text = text;
    }

    /** As in the {@code lwm2m=} of a registration. */
    public String text() {
        return text;
    }

    /** SenML, Read-Composite, Observe-Composite and Send came with 1.1. */
    boolean composite() {
        return this != V1_0;
    }
}
