package wavegate.server.rollout;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Function;
import wavegate.firmware.campaign.Campaign;
import wavegate.firmware.campaign.KillSwitch;
import wavegate.firmware.campaign.Membership;
import wavegate.firmware.device.Device;
import wavegate.firmware.device.Endpoint;
import wavegate.firmware.event.Fact;
import wavegate.firmware.pkg.FirmwarePackage;
import wavegate.firmware.pkg.PackageId;
import wavegate.firmware.pkg.Sha256;
import wavegate.firmware.update.CampaignId;
import wavegate.firmware.update.DispatchScope;
import wavegate.firmware.update.Update;
import wavegate.firmware.update.UpdateId;

/** What the facts of the ledger, up to one of them, say of a rollout. */
final class ToldSoFar {
    final Map<CampaignId, Campaign> campaigns = new TreeMap<>();
    final Map<CampaignId, Membership> members = new TreeMap<>();
    /** Campaigns that have taken devices late. */
    final Set<CampaignId> joined = new HashSet<>();

    final Map<UpdateId, Update> latest = new HashMap<>();
    final Map<Endpoint, UpdateId> openOf = new HashMap<>();
    final Map<String, KillSwitch> kills = new TreeMap<>();
    final Map<PackageId, FirmwarePackage> packages = new HashMap<>();
    final Map<Endpoint, Device> devices = new HashMap<>();
    private final Function<Sha256, Membership> memberships;

    ToldSoFar(Function<Sha256, Membership> memberships) {
        this.memberships = memberships;
    }

    Campaign campaign(CampaignId id) {
        return Objects.requireNonNull(campaigns.get(id), () -> "campaign " + id + " is not in the ledger");
    }

    Optional<KillSwitch> killOver(DispatchScope scope) {
        return kills.values().stream()
                .filter(kill -> kill.scope().covers(scope))
                .findFirst();
    }

    void take(Fact fact) {
        if (fact instanceof Fact.UpdateChanged changed) {
            update(changed.update());
        } else if (fact instanceof Fact.CampaignChanged changed) {
            Campaign now = changed.campaign();
            campaigns.put(now.id(), now);
            now.membership().ifPresent(digest -> members.computeIfAbsent(now.id(), id -> memberships.apply(digest)));
        } else if (fact instanceof Fact.MembersJoined more) {
            joins(more);
        } else if (fact instanceof Fact.PackageChanged changed) {
            packages.put(changed.firmwarePackage().id(), changed.firmwarePackage());
        } else if (fact instanceof Fact.DeviceChanged changed) {
            devices.put(changed.device().endpoint(), changed.device());
        } else if (fact instanceof Fact.KillSwitchRaised raised) {
            kills.put(raised.killSwitch().id(), raised.killSwitch());
        } else if (fact instanceof Fact.KillSwitchLifted lifted) {
            kills.remove(lifted.killSwitchId());
        }
    }

    private void update(Update update) {
        latest.put(update.id(), update);
        if (update.isFinal()) {
            openOf.remove(update.endpoint());
        } else {
            openOf.put(update.endpoint(), update.id());
        }
    }

    private void joins(Fact.MembersJoined more) {
        joined.add(more.campaign());
        List<Membership.WaveMembers> waves = new ArrayList<>(
                Objects.requireNonNull(members.get(more.campaign())).waves());
        Membership.WaveMembers last = waves.get(more.wave());
        List<Endpoint> all = new ArrayList<>(last.members());
        all.addAll(more.members());
        waves.set(more.wave(), new Membership.WaveMembers(all, last.control()));
        members.put(more.campaign(), new Membership(waves));
    }
}
