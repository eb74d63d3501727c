package wavegate.sim.device;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** SenML-CBOR packs (RFC 8428), content format 112: one record per resource or resource instance, named from the root. */
final class SenmlCbor {
    static final int CONTENT_FORMAT = 112;

    static final int VALUE = 2;
    static final int STRING_VALUE = 3;
    static final int BOOLEAN_VALUE = 4;
    static final String LINK_VALUE = "vlo";
    static final int NAME = 0;
    static final int BASE_NAME = -2;
    private static final int BASE_TIME = -3;

    private record Entry(String name, Value value) {}

    private final List<Entry> entries = new ArrayList<>();

    void add(String path, Value value) {
        if (value instanceof Value.Many many) {
            for (int i = 0; i < many.instances().size(); i++) {
                entries.add(new Entry(path + "/" + i, many.instances().get(i)));
            }
        } else {
            entries.add(new Entry(path, value));
        }
    }

    /** @param epochMs the moment the values were taken, or null to leave the time to the receiver */
    byte[] pack(@Nullable Long epochMs) {
        CborWriter out = new CborWriter();
        out.array(entries.size());
        boolean first = true;
        for (Entry entry : entries) {
            out.map(first ? (epochMs == null ? 3 : 4) : 2);
            if (first) {
                out.whole(BASE_NAME);
                out.text("/");
                if (epochMs != null) {
                    out.whole(BASE_TIME);
                    out.decimal(epochMs / 1000.0);
                }
            }
            first = false;
            out.whole(NAME);
            out.text(entry.name());
            entry.value().cbor(out);
        }
        return out.bytes();
    }
}
