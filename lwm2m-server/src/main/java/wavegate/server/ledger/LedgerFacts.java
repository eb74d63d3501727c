package wavegate.server.ledger;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Optional;
import java.util.Set;
import wavegate.firmware.event.Fact;
import wavegate.server.rollout.LedgerFailure;

/** The facts of a ledger, of a running server too, without changing a byte of it or taking its lock. */
public final class LedgerFacts {
    /** Sees facts in order. */
    public interface Visitor {
        void visit(long sequence, Fact fact);
    }

    private LedgerFacts() {}

    /**
     * Checks the whole chain first; then shows the facts of some types, by their simple names. Others are not decoded.
     *
     * @return sequence of the last fact
     * @throws LedgerFailure if the ledger would be refused, or a fact does not decode
     * @throws IOException if the directory cannot be read
     */
    public static long read(Path directory, Set<Class<? extends Fact>> types, Visitor visitor) throws IOException {
        long last = LedgerScan.of(directory, Optional.empty())
                .map(LedgerScan.Result::lastSequence)
                .orElseThrow(() -> new LedgerFailure("no ledger in " + directory));
        FactCodec codec = new FactCodec();
        LedgerScan.of(directory, Optional.of((sequence, payload) -> {
            if (sequence <= last && codec.typeOf(payload).map(types::contains).orElse(true)) {
                visitor.visit(sequence, decode(codec, sequence, payload));
            }
        }));
        return last;
    }

    private static Fact decode(FactCodec codec, long sequence, byte[] payload) {
        try {
            return codec.decode(payload);
        } catch (MalformedFact e) {
            throw new LedgerFailure("ledger refused: fact " + sequence + " does not decode: " + e.getMessage(), e);
        }
    }
}
