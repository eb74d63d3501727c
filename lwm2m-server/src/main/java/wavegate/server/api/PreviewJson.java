package wavegate.server.api;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.Locale;
import wavegate.config.Durations;
import wavegate.server.rollout.Preview;

/** The JSON form of a preview: its plan, and what that leads to. */
final class PreviewJson {
    private PreviewJson() {}

    static ObjectNode write(Preview preview) {
        ObjectNode json = ApiJson.plan(preview.plan());
        json.put("detects", preview.forecast().detects());
        json.putObject("duration")
                .put("earliest", Durations.format(preview.forecast().earliest()))
                .put("latest", Durations.format(preview.forecast().latest()));
        json.set("warnings", ApiJson.texts(preview.forecast().warnings()));
        ArrayNode conflicts = json.putArray("conflicts");
        preview.conflicts().forEach(conflict -> conflicts
                .addObject()
                .put("campaign", conflict.campaign().value())
                .put("devices", conflict.devices())
                .put("exact", conflict.exact())
                .put("winner", conflict.winner().name().toLowerCase(Locale.ROOT).replace('_', '-')));
        return json;
    }
}
