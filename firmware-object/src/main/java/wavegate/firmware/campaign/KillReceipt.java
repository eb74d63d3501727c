package wavegate.firmware.campaign;

import java.time.Instant;
import java.util.Optional;

/**
 * What a kill switch did, given once it is in the ledger.
 *
 * @param fenceRaisedAt when no dispatch could begin any more
 * @param lastDispatchAt the last dispatch in scope that began before; empty if there was none
 * @param acknowledgedAt when the fact was durable
 * @param cancelled updates called off; {@code leftAlone} were applying or verifying and go on
 */
public record KillReceipt(
        KillSwitch killSwitch,
        Instant fenceRaisedAt,
        Optional<Instant> lastDispatchAt,
        Instant acknowledgedAt,
        int cancelled,
        int leftAlone) {}
