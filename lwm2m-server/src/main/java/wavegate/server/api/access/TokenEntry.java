package wavegate.server.api.access;

import java.time.Instant;
import java.util.Optional;
import wavegate.firmware.pkg.Sha256;

/**
 * A token as it is kept: without its secret.
 *
 * @param id stands in the token and in logs
 * @param name what it is for, as its maker put it
 * @param digest SHA-256 of the whole token. It has 256 random bits, so that a slow hash would add nothing
 * @param rotated when its secret was made
 * @param expires {@link Instant#MAX} for never
 * @param previous digest of the secret before the last rotation, while that is still good
 * @param revoked {@link Instant#MAX} for not
 */
public record TokenEntry(
        String id,
        String name,
        Role role,
        Sha256 digest,
        Instant created,
        Instant rotated,
        Instant expires,
        Optional<Previous> previous,
        Instant revoked) {
    /** A secret that was replaced and is still taken for a while. */
    public record Previous(Sha256 digest, Instant until) {}

    public TokenEntry {
        if (!id.matches("[a-z2-7]{8}")) {
            throw new IllegalArgumentException("token id: \"" + id + "\" (expected: 8 of a-z, 2-7)");
        }
        if (name.isBlank() || name.length() > 64 || !name.matches("[\\x20-\\x7e]+")) {
            throw new IllegalArgumentException("token name: " + name.length()
                    + " characters (expected: 1 to 64 printable ASCII characters, what it is for)");
        }
    }

    public boolean valid(Instant now) {
        return now.isBefore(expires) && now.isBefore(revoked);
    }

    TokenEntry revoked(Instant at) {
        return new TokenEntry(id, name, role, digest, created, rotated, expires, Optional.empty(), at);
    }

    TokenEntry rotated(Sha256 next, Instant at, Instant previousUntil) {
        Optional<Previous> before =
                previousUntil.isAfter(at) ? Optional.of(new Previous(digest, previousUntil)) : Optional.empty();
        return new TokenEntry(id, name, role, next, created, at, expires, before, revoked);
    }

    @Override
    public String toString() {
        return "token " + id + " \"" + name + "\" " + role.label();
    }
}
