package wavegate.sim.device;

import java.util.Optional;
import org.eclipse.californium.core.coap.CoAP.ResponseCode;
import org.eclipse.californium.core.coap.Request;
import org.eclipse.californium.core.coap.Response;

/** One instance of an LwM2M object. */
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

    /** Whether a value of the resource is a number or a truth in binary encodings, else text. */
    default boolean numeric(int resource) {
        return false;
    }

    /** Writes a Package, which comes in blocks of any bytes. */
    default Response writePackage(Request request) {
        return new Response(ResponseCode.METHOD_NOT_ALLOWED);
    }

    /** @param arguments as sent; empty if there are none */
    default ResponseCode execute(int resource, String arguments) {
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
