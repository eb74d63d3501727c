package wavegate.server.rollout;

import wavegate.firmware.event.Fact;

/** A fact that is in the ledger. {@code payload} is its encoding there; not to be changed. */
public record Recorded(long sequence, Fact fact, byte[] payload) {}
