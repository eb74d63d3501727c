package wavegate.sim.device;

import java.util.Optional;
import org.eclipse.californium.core.coap.CoAP.ResponseCode;

/** One LwM2M object with its single instance. */
interface ModuleObject {
    int id();

    default int instance() {
        return 0;
    }

    /** All resources present now, ascending, executable ones among them. */
    int[] resources();

    /** Empty where the resource cannot be read. */
    Optional<Value> read(int resource);

    /** Writes a string or number given as text. */
    default ResponseCode write(int resource, String text) {
        return ResponseCode.METHOD_NOT_ALLOWED;
    }

    default boolean writable(int resource) {
        return false;
    }

    default ResponseCode execute(int resource) {
        return ResponseCode.METHOD_NOT_ALLOWED;
    }

    default boolean has(int resource) {
        for (int present : resources()) {
            if (present == resource) {
                return true;
            }
        }
        return false;
    }
}
