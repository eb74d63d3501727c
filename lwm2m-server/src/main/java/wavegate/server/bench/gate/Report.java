package wavegate.server.bench.gate;

/**
 * A report on its way.
 *
 * @param at hours, when it arrives
 * @param measuredAt hours, when it was written
 * @param device its place: canaries first, then controls
 * @param crashes counter; {@code lastCrash} hours, negative if there was none
 * @param energy counter, mAh
 */
record Report(double at, double measuredAt, int device, int crashes, double lastCrash, double energy) {}
