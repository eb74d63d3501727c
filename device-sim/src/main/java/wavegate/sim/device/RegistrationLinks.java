package wavegate.sim.device;

import java.util.StringJoiner;
import wavegate.firmware.object.ModemHealthObject;

/** The links a client registers with, in the form of its release of LwM2M. */
final class RegistrationLinks {
    private static final String VERSION = "1.0";

    private RegistrationLinks() {}

    static String of(DeviceProfile profile, int serverInstance) {
        StringJoiner links = new StringJoiner(",");
        links.add(root(profile));
        links.add("</1/" + serverInstance + ">");
        links.add("</3/0>");
        if (profile.has(Quirk.SHOWS_CELL)) {
            links.add("</" + ConnectivityObject.OBJECT_ID + "/0>");
        }
        FirmwareShape shape = profile.object5().shape();
        boolean announced =
                shape != FirmwareShape.V1_0 && !shape.hasComponents() && !profile.has(Quirk.HIDES_OBJECT_VERSION);
        if (announced) {
            links.add("</" + shape.objectId() + ">;ver=" + version(profile, shape.version()));
        }
        if (shape.hasComponents()) {
            shape.components()
                    .forEach(component -> links.add("</" + shape.objectId() + "/" + component.instance() + ">"));
        } else {
            links.add("</" + shape.objectId() + "/0>");
        }
        if (profile.has(Quirk.QUOTES_VERSIONS)) {
            links.add("</" + ModemHealthObject.OBJECT_ID + ">;ver=" + version(profile, VERSION));
        }
        links.add("</" + ModemHealthObject.OBJECT_ID + "/0>");
        return links.toString();
    }

    private static String root(DeviceProfile profile) {
        String formats = profile.release().composite()
                ? "\"" + TlvWriter.CONTENT_FORMAT + " " + SenmlCbor.CONTENT_FORMAT + "\""
                : Integer.toString(TlvWriter.CONTENT_FORMAT);
        return "</>;rt=\"oma.lwm2m\";ct=" + formats;
    }

    private static String version(DeviceProfile profile, String version) {
        return profile.has(Quirk.QUOTES_VERSIONS) ? '"' + version + '"' : version;
    }
}
