package wavegate.server.bench.gate;

/**
 * How the two arms of a wave live. What is not the firmware's doing strikes both arms alike, but for {@code slower}, by which reports of one of
 * them (drawn by the seed) come less often and later.
 *
 * @param canaries devices that are updated, {@code controls} those that are not
 * @param expectedEvents canaries that crash while they are judged, if healthy and alike; the mean over campaigns
 * @param crashes by how much canaries crash more often: 1 is no change
 * @param drift share by which canaries draw more: 0 is no change
 * @param watchHours from the first canary's return to the end of the watch
 * @param entersOverHours canaries return evenly over this time
 * @param reportHours between two reports of the faster arm
 * @param trouble whether crash rates differ from device to device (exponentially, a gamma of shape 1), crashes come in loops, reports are lost,
 *     doubled and late, crashed devices are silent for a while, a power cut makes a tenth of all devices crash at once, the network is away
 *     for hours and everything comes in one instant, and what some devices draw changes for reasons of their own
 * @param slower factor on the report interval of the slower arm; 1: both alike
 */
public record GateScenario(
        int canaries,
        int controls,
        double expectedEvents,
        double crashes,
        double drift,
        double watchHours,
        double entersOverHours,
        double reportHours,
        boolean trouble,
        int slower) {
    public GateScenario {
        if (canaries < 1 || controls < 1) {
            throw new IllegalArgumentException(canaries + " canaries, " + controls + " controls (expected: 1 or more)");
        }
        if (!(expectedEvents >= 0 && expectedEvents < canaries && crashes > 0 && drift > -1)) {
            throw new IllegalArgumentException("expected events " + expectedEvents + ", ratio " + crashes + ", drift "
                    + drift + " (expected: 0 to the number of canaries, above 0, above -1)");
        }
        if (!(reportHours > 0 && watchHours > reportHours && entersOverHours >= 0 && slower >= 1)) {
            throw new IllegalArgumentException("watch " + watchHours + " h, report interval " + reportHours
                    + " h, slower by " + slower + " (expected: above 0, at least 1)");
        }
    }

    /** Fifty canaries, everything that may go wrong, the same firmware in both arms. */
    static GateScenario troubled() {
        return new GateScenario(50, 450, 10, 1, 0, 29, 4, 1, true, 3);
    }

    /** Many devices that report alike, nothing but crashes: what power is stated for. */
    static GateScenario plain(double expectedEvents, double crashes) {
        return new GateScenario(1600, 14_400, expectedEvents, crashes, 0, 24.5, 0, 4, false, 1);
    }

    GateScenario crashing(double ratio) {
        return new GateScenario(
                canaries,
                controls,
                expectedEvents,
                ratio,
                drift,
                watchHours,
                entersOverHours,
                reportHours,
                trouble,
                slower);
    }

    GateScenario drawing(double more) {
        return new GateScenario(
                canaries,
                controls,
                expectedEvents,
                crashes,
                more,
                watchHours,
                entersOverHours,
                reportHours,
                trouble,
                slower);
    }

    /** When the last look is taken: every device had its time to report the end of the watch. */
    double endHours() {
        return watchHours + reportHours * slower;
    }

    /**
     * Crashes per hour of a healthy device, the mean over devices: those with which the expected number of canaries crash, if rates are all alike, in
     * the time the gate judges, from half a report after settling to what a tenth of the devices have not yet reported.
     */
    double crashesPerHour() {
        double judged = watchHours + reportHours * 0.1 - GateTrial.SETTLE_HOURS - reportHours / 2 - entersOverHours / 2;
        return -Math.log1p(-expectedEvents / canaries) / judged;
    }
}
