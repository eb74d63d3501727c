package wavegate.server.api;

import java.util.Map;

/**
 * What came to one UDP socket since the start, in datagrams.
 *
 * @param socket what it is called, like {@code coaps}
 * @param shed those dropped before they were parsed, by reason, like {@code strangers}
 */
public record SocketLoad(String socket, long admitted, Map<String, Long> shed) {}
