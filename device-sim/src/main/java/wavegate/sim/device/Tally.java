package wavegate.sim.device;

/** The running form of {@link DeviceCounters}; ints, since a fleet holds one per device. */
final class Tally {
    int registrations;
    int registrationUpdates;
    int packageWrites;
    int uriWrites;
    int resets;
    int executes;
    int cancels;
    int downloads;
    int applies;
    int secondApplies;
    int reverts;
    int boots;
    int crashes;
    int blocks;
    int bootstraps;
    long bytes;

    DeviceCounters snapshot() {
        return new DeviceCounters(
                registrations,
                registrationUpdates,
                packageWrites,
                uriWrites,
                resets,
                executes,
                cancels,
                downloads,
                applies,
                secondApplies,
                reverts,
                boots,
                crashes,
                blocks,
                bytes,
                bootstraps);
    }
}
