package wavegate.server.rollout;

import java.util.Random;

/**
 * How bad the day is. Shares are of messages, devices or commits; each kind of trouble comes in some seeds and not in others, so
 * that each is also met alone.
 *
 * @param crashPerCommit of commits that end the server, half of them with the batch kept
 * @param rebootPerHour of modules that boot by themselves
 * @param movePerHour of modules that come back from another address in the middle of whatever is going on
 * @param corruption of downloads that end in result 5, and as many that lose their connection
 * @param newFirmwareCrashFactor how much more often the new firmware crashes than the old
 * @param telemetryDelay longest time a report is under way, in seconds
 * @param mute of modules that report nothing for hours
 * @param gateDelay longest time a judging takes, in seconds
 * @param pauses whether an operator pauses campaigns that move, and so on for kill switches and for what cannot be taken back
 * @param overlap whether the second campaign is for the same devices, with something newer
 * @param listening of modules that can always be reached; of the others, two in three sleep and one in three only asks
 * @param givesUp of an operator's decisions that end a campaign which could go on
 * @param artifactMissing whether the image cannot be read for a while
 */
record Weather(
        double loss,
        double doubling,
        double crashPerCommit,
        double rebootPerHour,
        double movePerHour,
        double badBoot,
        double brick,
        double corruption,
        double deltaFailure,
        double crashesPerHour,
        double newFirmwareCrashFactor,
        double offline,
        double telemetryDelay,
        double mute,
        double gateDelay,
        boolean pauses,
        boolean kills,
        boolean revokes,
        boolean secondCampaign,
        boolean overlap,
        boolean artifactMissing,
        boolean clockJumps,
        double listening,
        double givesUp) {
    /** Nothing goes wrong, everything listens, and nobody meddles. */
    static final Weather CALM = new Weather(
            0, 0, 0, 0, 0, 0, 0, 0, 0, 0.02, 1, 0, 20, 0, 0, false, false, false, false, false, false, false, 1, 0);

    static Weather of(Random random) {
        boolean calm = random.nextInt(4) == 0;
        return new Weather(
                calm ? 0 : random.nextDouble() * 0.1,
                calm ? 0 : random.nextDouble() * 0.1,
                calm ? 0 : random.nextDouble() * 0.01,
                random.nextDouble() * 0.05,
                random.nextInt(2) == 0 ? random.nextDouble() * 0.1 : 0,
                random.nextInt(3) == 0 ? 0.05 : 0,
                random.nextInt(3) == 0 ? 0.02 : 0,
                random.nextDouble() * 0.05,
                random.nextInt(2) == 0 ? 0.3 : 0,
                0.05,
                random.nextInt(3) == 0 ? 30 : 1,
                random.nextInt(2) == 0 ? 0.05 : 0,
                random.nextInt(3) == 0 ? 900 : 20,
                random.nextInt(3) == 0 ? 0.05 : 0,
                random.nextInt(2) == 0 ? 300 : 0,
                random.nextInt(3) == 0,
                random.nextInt(3) == 0,
                random.nextInt(8) == 0,
                random.nextInt(2) == 0,
                random.nextInt(3) == 0,
                random.nextInt(6) == 0,
                !calm && random.nextBoolean(),
                0.7,
                0.025);
    }
}
