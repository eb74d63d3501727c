package wavegate.server.rollout;

import java.util.List;
import java.util.Optional;
import java.util.function.Predicate;
import wavegate.firmware.campaign.Campaign;
import wavegate.firmware.campaign.KillReceipt;
import wavegate.firmware.campaign.KillSwitch;
import wavegate.firmware.device.Device;
import wavegate.firmware.device.Endpoint;
import wavegate.firmware.device.SavedFilter;
import wavegate.firmware.event.Fact;
import wavegate.firmware.pkg.FirmwarePackage;
import wavegate.firmware.pkg.PackageId;
import wavegate.firmware.update.CampaignId;
import wavegate.firmware.update.Update;
import wavegate.firmware.update.UpdateId;

/**
 * Port: the queryable view of the ledger. {@link #apply} is called on the rollout thread, in sequence; reads may come from any thread and see
 * every batch applied before. A cursor is the key of the last item given, {@code ""} to begin; pages stay stable while rows change.
 * {@code limit} is 1 to 1000.
 */
public interface RolloutStore extends AutoCloseable {
    /** Applies recorded facts. A fact whose sequence was applied before is skipped. */
    void apply(List<Recorded> batch);

    /** Sequence of the last fact applied; 0 for none. */
    long sequence();

    Optional<Device> device(Endpoint endpoint);

    /** Devices by endpoint. */
    Page<Device> devices(Predicate<Device> which, String cursor, int limit);

    long deviceCount();

    Optional<FirmwarePackage> firmwarePackage(PackageId id);

    /** Newest first. */
    List<FirmwarePackage> packages();

    Optional<Campaign> campaign(CampaignId id);

    /** Newest first. */
    List<Campaign> campaigns();

    Optional<Update> update(UpdateId id);

    /** A campaign's updates by endpoint. */
    Page<Update> updates(CampaignId campaign, Predicate<Update> which, String cursor, int limit);

    /** A device's updates over all campaigns, newest campaign first, at most {@code limit}. */
    List<Update> updatesOf(Endpoint endpoint, int limit);

    /** A campaign's gate decisions with their evidence, newest first, at most {@code limit}. */
    List<Fact.GateJudged> gateDecisions(CampaignId campaign, int limit);

    Optional<SavedFilter> filter(String name);

    /** By name. */
    List<SavedFilter> filters();

    /** Kill switches in force, newest first. */
    List<KillSwitch> killSwitches();

    /** Receipts of kill switches, lifted ones too, newest first. */
    List<KillReceipt> killReceipts();

    /** Audited calls, newest first. */
    Page<AuditEntry> audited(Predicate<Fact.Audited> which, String cursor, int limit);

    /** Leaves the view so that the next start can use it as it is. */
    @Override
    void close();
}
