package wavegate.server.ledger;

import java.time.DateTimeException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.Optional;
import java.util.UUID;

/**
 * A checkpoint as signed text, in the form of C2SP tlog-checkpoint, so that witnesses and tools for transparency logs can read it:
 *
 * <pre>
 *   wavegate/&lt;chain id&gt;
 *   &lt;number of facts&gt;
 *   &lt;Merkle root, base64&gt;
 *   hash &lt;SHA-256 of the last commit record, base64&gt;
 *   time &lt;ISO 8601&gt;
 *
 *   — wavegate &lt;base64 of key id and Ed25519 signature over the five lines&gt;
 * </pre>
 */
public final class CheckpointNote {
    private static final String ORIGIN = "wavegate/";
    private static final String SIGNATURE = "\u2014 ";
    private static final String HASH = "hash ";
    private static final String TIME = "time ";
    private static final int LINES = 5;

    private CheckpointNote() {}

    static String body(Checkpoint checkpoint) {
        Base64.Encoder base64 = Base64.getEncoder();
        return String.join(
                        "\n",
                        ORIGIN + checkpoint.chain(),
                        Long.toString(checkpoint.size()),
                        base64.encodeToString(checkpoint.root()),
                        HASH + base64.encodeToString(checkpoint.hash()),
                        TIME + checkpoint.time())
                + "\n";
    }

    static String signed(String body, CheckpointVerifier verifier, byte[] signature) {
        byte[] id = verifier.id();
        byte[] both = Arrays.copyOf(id, id.length + signature.length);
        System.arraycopy(signature, 0, both, id.length, signature.length);
        return body + "\n" + SIGNATURE + CheckpointVerifier.NAME + " "
                + Base64.getEncoder().encodeToString(both) + "\n";
    }

    /** The checkpoints in a text that this key signed, in order. Anything else in it, a note cut short too, is passed over. */
    public static List<Checkpoint> signedBy(CheckpointVerifier verifier, String text) {
        List<Checkpoint> checkpoints = new ArrayList<>();
        List<String> lines = new ArrayList<>();
        for (String line : text.split("\n", -1)) {
            if (line.startsWith(SIGNATURE)) {
                lines.removeIf(String::isEmpty);
                List<String> note = lines.subList(Math.max(0, lines.size() - LINES), lines.size());
                checkpoint(verifier, note, line).ifPresent(checkpoints::add);
                lines.clear();
            } else {
                lines.add(line);
            }
        }
        return checkpoints;
    }

    private static Optional<Checkpoint> checkpoint(CheckpointVerifier verifier, List<String> note, String signature) {
        String[] parts = signature.substring(SIGNATURE.length()).split(" ", -1);
        if (note.size() != LINES || parts.length != 2 || !parts[0].equals(CheckpointVerifier.NAME)) {
            return Optional.empty();
        }
        try {
            byte[] both = Base64.getDecoder().decode(parts[1]);
            byte[] id = verifier.id();
            // Base64 spells some bytes in several ways; a note has one.
            if (both.length <= id.length
                    || !Base64.getEncoder().encodeToString(both).equals(parts[1])
                    || !Arrays.equals(both, 0, id.length, id, 0, id.length)
                    || !verifier.verifies(
                            String.join("\n", note) + "\n", Arrays.copyOfRange(both, id.length, both.length))) {
                return Optional.empty();
            }
            return Optional.of(new Checkpoint(
                    UUID.fromString(note.get(0).substring(ORIGIN.length())),
                    Long.parseLong(note.get(1)),
                    Base64.getDecoder().decode(note.get(2)),
                    Base64.getDecoder().decode(note.get(3).substring(HASH.length())),
                    Instant.parse(note.get(4).substring(TIME.length()))));
        } catch (IllegalArgumentException | DateTimeException | IndexOutOfBoundsException e) {
            return Optional.empty();
        }
    }
}
