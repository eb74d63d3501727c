package wavegate.sim.device;

import java.util.ArrayList;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.eclipse.californium.core.coap.CoAP.ResponseCode;
import org.eclipse.californium.core.coap.Request;
import wavegate.firmware.object.UpdateState;

/**
 * All firmware of a module: object 5, or the instances of object 33629, which are updated in batches that succeed together or go back
 * together.
 */
final class FirmwareSet {
    private static final Pattern INSTANCE =
            Pattern.compile("</" + FirmwareShape.COMPONENTS_OBJECT_ID + "/([0-9]{1,5})>");
    /** Execute's argument: the instances to update, or none for this one alone. */
    private static final Pattern ARGUMENTS = Pattern.compile("0(='?(" + INSTANCE + ",?)*'?)?");

    private FirmwareObject[] parts = {};

    void consistOf(FirmwareObject... all) {
        parts = all;
    }

    /** The firmware whose version the module shows. */
    FirmwareObject main() {
        return parts[0];
    }

    /** What each component runs, by name; nothing without components. */
    SortedMap<String, String> versions() {
        SortedMap<String, String> versions = new TreeMap<>();
        for (FirmwareObject part : parts) {
            Component component = part.component();
            if (component != null) {
                versions.put(component.name(), part.flash().active().header().version());
            }
        }
        return versions;
    }

    List<FirmwareObject> all() {
        return List.of(parts);
    }

    /** Whether one of those it must not be together with is under way. */
    boolean conflict(FirmwareObject one) {
        Component component = one.component();
        if (component == null) {
            return false;
        }
        for (FirmwareObject other : parts) {
            if (component.conflicting().contains(other.instance())
                    && other.machine().state() != UpdateState.IDLE) {
                return true;
            }
        }
        return false;
    }

    /** Execute with its argument 0: without, the linked ones that hold an image come along. */
    ResponseCode execute(FirmwareObject first, String arguments) {
        if (!arguments.isEmpty() && !ARGUMENTS.matcher(arguments).matches()) {
            return ResponseCode.BAD_REQUEST;
        }
        List<FirmwareObject> batch = new ArrayList<>(List.of(first));
        if (arguments.isEmpty()) {
            Component component = first.component();
            for (FirmwareObject other : parts) {
                if (component != null
                        && component.linked().contains(other.instance())
                        && other.machine().state() == UpdateState.DOWNLOADED) {
                    batch.add(other);
                }
            }
        } else if (!named(arguments, batch)) {
            first.machine().lacksDependency();
            return ResponseCode.CHANGED;
        }
        if (first.fated(UpdateMachine.DEPENDENCY_ERROR)) {
            first.machine().lacksDependency();
            return ResponseCode.CHANGED;
        }
        batch.forEach(FirmwareObject::update);
        return ResponseCode.CHANGED;
    }

    /** @return whether all of them hold an image */
    private boolean named(String arguments, List<FirmwareObject> batch) {
        Matcher matcher = INSTANCE.matcher(arguments);
        while (matcher.find()) {
            int instance = Integer.parseInt(matcher.group(1));
            FirmwareObject found = null;
            for (FirmwareObject other : parts) {
                found = other.instance() == instance ? other : found;
            }
            if (found == null || found.machine().state() != UpdateState.DOWNLOADED) {
                return false;
            }
            if (!batch.contains(found)) {
                batch.add(found);
            }
        }
        return true;
    }

    /** Whether the boot stage has anything to do. */
    boolean installing() {
        for (FirmwareObject part : parts) {
            if (part.flash().pending()) {
                return true;
            }
        }
        return false;
    }

    /**
     * The boot stage of every part, and then the firmware. Nothing is confirmed before all parts have started; if one has not, the others go
     * back.
     *
     * @return false if power was cut on the way
     */
    boolean powerOn() {
        Flash.Stand[] stands = new Flash.Stand[parts.length];
        boolean failed = false;
        for (int i = 0; i < parts.length; i++) {
            stands[i] = parts[i].machine().bootStage();
            if (stands[i] == Flash.Stand.CUT) {
                return false;
            }
            boolean lost =
                    stands[i] == Flash.Stand.NOTHING && parts[i].machine().state() == UpdateState.UPDATING;
            failed |= lost || stands[i] == Flash.Stand.REVERTED || stands[i] == Flash.Stand.REFUSED;
        }
        for (int i = 0; i < parts.length; i++) {
            boolean goesBack = failed && stands[i] == Flash.Stand.TRIAL && parts[i].goesBackWithOthers();
            if (goesBack) {
                stands[i] = parts[i].machine().bootStage();
                if (stands[i] == Flash.Stand.CUT) {
                    return false;
                }
            }
            parts[i].powerOn(stands[i], goesBack);
        }
        return true;
    }

    void powerOff() {
        for (FirmwareObject part : parts) {
            part.powerOff();
        }
    }

    void registered() {
        for (FirmwareObject part : parts) {
            part.registered();
        }
    }

    long rebootAt() {
        long at = DeviceContext.NEVER;
        for (FirmwareObject part : parts) {
            at = Math.min(at, part.rebootAt());
        }
        return at;
    }

    long wakeAt() {
        long at = DeviceContext.NEVER;
        for (FirmwareObject part : parts) {
            at = Math.min(at, part.wakeAt());
        }
        return at;
    }

    void wake() {
        for (FirmwareObject part : parts) {
            part.wake();
        }
    }

    /** Whether a request must wait until flash is erased. */
    boolean erasesBefore(Request request) {
        return main().erasesBefore(request);
    }
}
