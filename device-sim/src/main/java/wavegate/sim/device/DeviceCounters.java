package wavegate.sim.device;

/**
 * What a device has counted since it was built. {@code packageWrites} and {@code uriWrites} are Write operations on /5/0/0 (a block-wise one
 * counts once per start at block 0) and /5/0/1, resets among them; {@code resets} those that reset. {@code downloads} are transfers that
 * ended in State 2; {@code applies} are Executes obeyed; {@code secondApplies} those of a download that had been applied before.
 * {@code bootstraps} are sessions with a bootstrap server that ended well.
 */
public record DeviceCounters(
        long registrations,
        long registrationUpdates,
        long packageWrites,
        long uriWrites,
        long resets,
        long executes,
        long cancels,
        long downloads,
        long applies,
        long secondApplies,
        long reverts,
        long boots,
        long crashes,
        long blocks,
        long bytes,
        long bootstraps) {
    public static final DeviceCounters ZERO = new DeviceCounters(0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0);

    /** Every Write and Execute on Object 5: 0 means that the device was left alone. */
    public long writesTo5() {
        return packageWrites + uriWrites + executes + cancels;
    }

    public DeviceCounters plus(DeviceCounters o) {
        return new DeviceCounters(
                registrations + o.registrations,
                registrationUpdates + o.registrationUpdates,
                packageWrites + o.packageWrites,
                uriWrites + o.uriWrites,
                resets + o.resets,
                executes + o.executes,
                cancels + o.cancels,
                downloads + o.downloads,
                applies + o.applies,
                secondApplies + o.secondApplies,
                reverts + o.reverts,
                boots + o.boots,
                crashes + o.crashes,
                blocks + o.blocks,
                bytes + o.bytes,
                bootstraps + o.bootstraps);
    }
}
