package wavegate.server.rollout;

import wavegate.firmware.event.Fact;

/** An audited call with its place in the ledger. */
public record AuditEntry(long sequence, Fact.Audited audited) {}
