package wavegate.server.rollout;

import java.util.ArrayList;
import java.util.Iterator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import wavegate.firmware.campaign.Campaign;
import wavegate.firmware.campaign.Surroundings;
import wavegate.firmware.campaign.WavePlanner;
import wavegate.firmware.device.Device;
import wavegate.firmware.device.Endpoint;
import wavegate.firmware.event.Fact;
import wavegate.firmware.pkg.FirmwarePackage;

/**
 * Devices that come to match a campaign after its start. They join its last wave, behind its members, and are neither canary nor control; rates
 * and budgets hold for them as for all. A device is looked at when it registers, is read or is labelled. Rollout thread only.
 */
final class LateJoiners {
    private static final Logger LOG = LoggerFactory.getLogger(LateJoiners.class);

    private final RolloutEngine engine;
    private final int chunk;
    private final Set<Endpoint> candidates = new LinkedHashSet<>();

    /** @param chunk most devices looked at in one turn */
    LateJoiners(RolloutEngine engine, int chunk) {
        this.engine = engine;
        this.chunk = chunk;
    }

    /** Something about the device is new. */
    void saw(Endpoint endpoint) {
        for (CampaignRun run : engine.state().runs()) {
            if (isOpenTo(run, endpoint)) {
                candidates.add(endpoint);
                return;
            }
        }
    }

    private static boolean isOpenTo(CampaignRun run, Endpoint endpoint) {
        Campaign campaign = run.campaign();
        return campaign.spec().selection().lateJoiners()
                && run.hasMembership()
                && Coexistence.livesOn(run)
                && !campaign.waves().get(campaign.waves().size() - 1).phase().isFinal()
                && run.waveOf(endpoint).isEmpty();
    }

    /** Takes in some of those that were seen. */
    void admit() {
        List<Device> devices = new ArrayList<>();
        for (Iterator<Endpoint> it = candidates.iterator(); it.hasNext() && devices.size() < chunk; ) {
            engine.state().device(it.next()).ifPresent(devices::add);
            it.remove();
        }
        if (devices.isEmpty()) {
            return;
        }
        for (CampaignRun run : engine.openRuns()) {
            admit(run, devices);
        }
    }

    private void admit(CampaignRun run, List<Device> devices) {
        Optional<FirmwarePackage> firmwarePackage =
                engine.state().find(run.campaign().spec().packageId());
        if (firmwarePackage.isEmpty()) {
            return;
        }
        Surroundings surroundings = new Surroundings(
                engine.selection(run.campaign().spec()),
                device -> false,
                device -> engine.coexistence().waitsForVersion(run, device.endpoint()),
                engine.coexistence().guarded(run.campaign().spec()));
        List<Endpoint> joining = new ArrayList<>();
        for (Device device : devices) {
            if (isOpenTo(run, device.endpoint())
                    && WavePlanner.exclusion(
                                    device,
                                    firmwarePackage.get(),
                                    run.campaign().spec(),
                                    surroundings)
                            .isEmpty()) {
                joining.add(device.endpoint());
            }
        }
        if (joining.isEmpty()) {
            return;
        }
        int last = run.campaign().waves().size() - 1;
        engine.turn()
                .record(new Fact.MembersJoined(
                        engine.turn().now(), run.campaign().id(), last, joining));
        Campaign grown = run.campaign().joined(joining.size());
        engine.turn().record(new Fact.CampaignChanged(engine.turn().now(), grown, "joined", "server"));
        engine.touch(run);
        LOG.info("campaign id={} joined={} wave={}", run.campaign().id(), joining.size(), last);
    }
}
