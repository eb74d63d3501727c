package wavegate.server.api;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.List;
import java.util.Optional;
import wavegate.firmware.pkg.ComponentImage;
import wavegate.firmware.update.Parts;

/** Components of Object 33629 as JSON: of a package for several, and of an update with one. */
final class ComponentsJson {
    private ComponentsJson() {}

    static ArrayNode images(List<ComponentImage> components) {
        ArrayNode array = JsonNodeFactory.instance.arrayNode();
        for (ComponentImage each : components) {
            ObjectNode json = array.addObject();
            json.put("name", each.name());
            json.put("version", each.version().text());
            json.put("sizeBytes", each.sizeBytes());
            json.put("sha256", each.sha256().hex());
        }
        return array;
    }

    static ArrayNode parts(Optional<Parts> parts) {
        ArrayNode array = JsonNodeFactory.instance.arrayNode();
        for (Parts.Part each : parts.map(Parts::all).orElse(List.of())) {
            ObjectNode json = array.addObject();
            json.put("name", each.name());
            json.put("instance", each.instance());
            json.put("from", each.from().text());
            json.put("carried", each.carried());
            json.put("downloaded", each.held().isPresent());
        }
        return array;
    }
}
