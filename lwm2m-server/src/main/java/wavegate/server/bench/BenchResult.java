package wavegate.server.bench;

import com.fasterxml.jackson.databind.node.ObjectNode;

/** What a bench has measured. */
public interface BenchResult {
    /** For people, 80 columns or a few more. */
    String table();

    /** The same for programs, one object. */
    ObjectNode json();
}
