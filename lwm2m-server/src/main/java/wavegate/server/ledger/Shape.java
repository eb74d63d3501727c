package wavegate.server.ledger;

import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.JsonParser;
import java.io.IOException;

/** How values of one Java type stand in JSON. Immutable. */
interface Shape {
    void write(Object value, JsonGenerator out) throws IOException;

    /**
     * Reads the value whose first token the parser stands on, and leaves it on the last.
     *
     * @throws MalformedFact if it is not one of this type
     */
    Object read(JsonParser in) throws IOException;
}
