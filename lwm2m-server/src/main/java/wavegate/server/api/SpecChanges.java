package wavegate.server.api;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.Map;
import java.util.SortedMap;
import java.util.StringJoiner;
import java.util.TreeMap;
import wavegate.firmware.campaign.CampaignSpec;

/** Where two specs differ, as texts for the audit: {@code gate.soak=24h} before, {@code gate.soak=12h} after. */
record SpecChanges(String before, String after) {
    private static final int LONGEST = 500;

    static SpecChanges between(CampaignSpec before, CampaignSpec after) {
        SortedMap<String, String> was = new TreeMap<>();
        SortedMap<String, String> is = new TreeMap<>();
        flatten("", CampaignJson.write(before), was);
        flatten("", CampaignJson.write(after), is);
        return new SpecChanges(different(was, is), different(is, was));
    }

    private static String different(Map<String, String> these, Map<String, String> those) {
        StringJoiner text = new StringJoiner(" ");
        these.forEach((name, value) -> {
            if (!value.equals(those.get(name))) {
                text.add(name + "=" + value);
            }
        });
        String all = text.toString();
        return all.length() > LONGEST ? all.substring(0, LONGEST) + "..." : all;
    }

    private static void flatten(String name, JsonNode node, Map<String, String> into) {
        if (node.isObject()) {
            node.properties()
                    .forEach(each -> flatten(
                            name.isEmpty() ? each.getKey() : name + "." + each.getKey(), each.getValue(), into));
        } else {
            into.put(name, node.isTextual() ? node.textValue() : node.toString());
        }
    }
}
