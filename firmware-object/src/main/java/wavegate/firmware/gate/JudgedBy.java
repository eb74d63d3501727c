package wavegate.firmware.gate;

/**
 * What a decision was made with, so that it can be made again.
 *
 * @param version of the rules, {@link Gate#VERSION} at the time
 * @param hasControl false in the last wave
 */
public record JudgedBy(int version, GatePolicy policy, boolean hasControl) {}
