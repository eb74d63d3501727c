package wavegate.server.api.access;

import java.time.Instant;

/**
 * Somebody whose token was checked.
 *
 * @param actor who, in the ledger and the logs: {@code token:ID} or {@code oidc:SUBJECT}; no secret
 * @param until when the token ends by itself; {@link Instant#MAX} for never
 */
public record Caller(String actor, Role role, Instant until) {}
