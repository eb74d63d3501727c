package wavegate.server.ledger;

import java.nio.file.Path;

/**
 * The rest of a batch that a crash cut short: never acknowledged, and cut off when the ledger was opened.
 *
 * @param offset where in the segment it began
 * @param bytes how long it was
 * @param firstSequence sequence its first fact had, or would have had
 * @param lastSequence sequence of the last fact that could still be read in it; {@code firstSequence - 1} if none
 */
public record TornTail(Path segment, long offset, long bytes, long firstSequence, long lastSequence) {
    @Override
    public String toString() {
        return bytes + " bytes at offset " + offset + " of " + segment.getFileName() + ", "
                + (lastSequence < firstSequence
                        ? "no whole fact from sequence " + firstSequence + " on"
                        : "facts " + firstSequence + " to " + lastSequence);
    }
}
