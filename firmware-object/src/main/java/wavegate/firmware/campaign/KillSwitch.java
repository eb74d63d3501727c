package wavegate.firmware.campaign;

import java.time.Instant;

/**
 * A kill switch in force. Sticky: it survives restarts until it is lifted by name.
 *
 * @param id given by the server
 * @param by who or what raised it: a token's name, or {@code gate}
 */
public record KillSwitch(String id, KillScope scope, String reason, String by, Instant raisedAt) {}
