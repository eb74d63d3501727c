package wavegate.bootstrap.credential;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import wavegate.bootstrap.credential.StoredCredential.State;

/**
 * What one endpoint has for one use, newest first: at most one ACTIVE, then RETIRING, then REVOKED. Immutable; each change is the next slot,
 * and a slot is what one record of the file holds.
 */
record Slot(Key key, List<StoredCredential> credentials) {
    private static final byte VERSION = 1;
    private static final int MAX_RETIRING = 3;
    private static final int MAX_REVOKED = 8;

    record Key(String endpoint, Use use) implements Comparable<Key> {
        @Override
        public int compareTo(Key other) {
            int byName = endpoint.compareTo(other.endpoint);
            return byName != 0 ? byName : use.compareTo(other.use);
        }
    }

    Slot {
        credentials = List.copyOf(credentials);
    }

    static Slot empty(Use use, String endpoint) {
        return new Slot(new Key(endpoint, use), List.of());
    }

    List<StoredCredential> live(Instant now) {
        return credentials.stream().filter(stored -> stored.isLive(now)).toList();
    }

    boolean isRetiring() {
        return credentials.stream().anyMatch(stored -> stored.state() == State.RETIRING);
    }

    /** Whether this very secret was revoked. */
    boolean hasRevoked(Credential credential) {
        return !(credential instanceof Credential.X509)
                && credentials.stream()
                        .anyMatch(stored -> stored.state() == State.REVOKED
                                && stored.credential().equals(credential));
    }

    /** With a new ACTIVE one; earlier ones retire within the grace, or end at once where it is zero. */
    Slot with(Credential credential, Instant now, Duration grace) {
        List<StoredCredential> next = new ArrayList<>();
        next.add(new StoredCredential(credential, key.use(), State.ACTIVE, now, Optional.empty()));
        if (!grace.isZero()) {
            for (StoredCredential earlier : live(now)) {
                next.add(
                        earlier.state() == State.RETIRING
                                ? earlier
                                : new StoredCredential(
                                        earlier.credential(),
                                        key.use(),
                                        State.RETIRING,
                                        now,
                                        Optional.of(now.plus(grace))));
            }
            // The oldest is the one the device has proved to hold; those between never came to be used.
            while (next.size() > 1 + MAX_RETIRING) {
                next.remove(next.size() - 2);
            }
        }
        credentials.stream()
                .filter(stored -> stored.state() == State.REVOKED)
                .limit(MAX_REVOKED)
                .forEach(next::add);
        return new Slot(key, next);
    }

    Slot revoked(Instant now) {
        List<StoredCredential> next = new ArrayList<>();
        live(now)
                .forEach(stored -> next.add(
                        new StoredCredential(stored.credential(), key.use(), State.REVOKED, now, Optional.empty())));
        credentials.stream().filter(stored -> stored.state() == State.REVOKED).forEach(next::add);
        return new Slot(key, next.subList(0, Math.min(next.size(), MAX_REVOKED)));
    }

    /** Without the RETIRING ones that are older than this one. */
    Slot withoutOlderThan(Credential used) {
        List<StoredCredential> next = new ArrayList<>();
        boolean seen = false;
        for (StoredCredential stored : credentials) {
            if (!seen || stored.state() != State.RETIRING) {
                next.add(stored);
            }
            seen = seen
                    || (stored.state() != State.REVOKED && stored.credential().equals(used));
        }
        return new Slot(key, next);
    }

    /** Without those whose grace is over. */
    Slot without(Instant endedBy) {
        return new Slot(
                key,
                credentials.stream()
                        .filter(stored -> stored.state() != State.RETIRING || stored.isLive(endedBy))
                        .toList());
    }

    byte[] toBytes() {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream(128);
        try (DataOutputStream out = new DataOutputStream(bytes)) {
            out.writeByte(VERSION);
            out.writeUTF(key.use().name());
            out.writeUTF(key.endpoint());
            out.writeByte(credentials.size());
            for (StoredCredential stored : credentials) {
                out.writeUTF(stored.state().name());
                out.writeLong(stored.since().toEpochMilli());
                out.writeLong(stored.until().map(Instant::toEpochMilli).orElse(0L));
                write(stored.credential(), out);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return bytes.toByteArray();
    }

    private static void write(Credential credential, DataOutputStream out) throws IOException {
        if (credential instanceof Credential.Psk psk) {
            out.writeUTF("PSK");
            out.writeUTF(psk.identity());
            bytes(psk.key(), out);
        } else if (credential instanceof Credential.Rpk rpk) {
            out.writeUTF("RPK");
            bytes(rpk.key().getEncoded(), out);
        } else if (credential instanceof Credential.X509 x509) {
            out.writeUTF("X509");
            out.writeUTF(x509.tenant());
        } else if (credential instanceof Credential.Oscore oscore) {
            out.writeUTF("OSCORE");
            bytes(oscore.senderId(), out);
            bytes(oscore.recipientId(), out);
            bytes(oscore.masterSecret(), out);
            bytes(oscore.masterSalt(), out);
        }
    }

    /** @throws IllegalArgumentException if it is none this version can read */
    static Slot of(byte[] bytes) {
        try (DataInputStream in = new DataInputStream(new ByteArrayInputStream(bytes))) {
            byte version = in.readByte();
            if (version != VERSION) {
                throw new IllegalArgumentException(
                        "credential record of version " + version + " (expected: " + VERSION + ")");
            }
            Use use = Use.valueOf(in.readUTF());
            String endpoint = in.readUTF();
            int size = in.readByte();
            List<StoredCredential> credentials = new ArrayList<>();
            for (int i = 0; i < size; i++) {
                State state = State.valueOf(in.readUTF());
                Instant since = Instant.ofEpochMilli(in.readLong());
                Instant until = Instant.ofEpochMilli(in.readLong());
                credentials.add(new StoredCredential(
                        read(endpoint, in),
                        use,
                        state,
                        since,
                        state == State.RETIRING ? Optional.of(until) : Optional.empty()));
            }
            return new Slot(new Key(endpoint, use), credentials);
        } catch (IOException e) {
            throw new IllegalArgumentException("credential record of " + bytes.length + " bytes is too short", e);
        }
    }

    private static Credential read(String endpoint, DataInputStream in) throws IOException {
        String kind = in.readUTF();
        return switch (kind) {
            case "PSK" -> new Credential.Psk(endpoint, in.readUTF(), bytes(in));
            case "RPK" -> Credential.Rpk.ofDer(endpoint, bytes(in));
            case "X509" -> new Credential.X509(endpoint, in.readUTF());
            case "OSCORE" -> new Credential.Oscore(endpoint, bytes(in), bytes(in), bytes(in), bytes(in));
            default ->
                throw new IllegalArgumentException(
                        "credential kind: " + kind + " (expected: PSK, RPK, X509 or OSCORE)");
        };
    }

    private static void bytes(byte[] bytes, DataOutputStream out) throws IOException {
        out.writeShort(bytes.length);
        out.write(bytes);
    }

    private static byte[] bytes(DataInputStream in) throws IOException {
        return in.readNBytes(in.readUnsignedShort());
    }
}
