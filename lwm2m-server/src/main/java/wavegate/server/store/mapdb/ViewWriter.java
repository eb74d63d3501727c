package wavegate.server.store.mapdb;

import wavegate.firmware.campaign.KillReceipt;
import wavegate.firmware.event.Fact;
import wavegate.firmware.update.UpdateId;
import wavegate.server.rollout.Recorded;

/** Turns a recorded fact into the entries that show it. Knows nothing of where they go. */
final class ViewWriter {
    /** Where entries go. */
    interface Target {
        /** Whether the key was not there before. */
        boolean put(byte[] key, long sequence, byte[] payload);

        void remove(byte[] key);
    }

    private static final byte[] NOTHING = new byte[0];

    private ViewWriter() {}

    static void write(Recorded recorded, Target target) {
        long sequence = recorded.sequence();
        byte[] payload = recorded.payload();
        Fact fact = recorded.fact();
        if (fact instanceof Fact.DeviceChanged changed) {
            target.put(Keys.device(changed.device().endpoint()), sequence, payload);
        } else if (fact instanceof Fact.DeviceRemoved removed) {
            target.remove(Keys.device(removed.endpoint()));
        } else if (fact instanceof Fact.FilterSaved saved) {
            target.put(Keys.filter(saved.filter().name()), sequence, payload);
        } else if (fact instanceof Fact.FilterRemoved removed) {
            target.remove(Keys.filter(removed.name()));
        } else if (fact instanceof Fact.UpdateChanged changed) {
            UpdateId id = changed.update().id();
            if (target.put(Keys.update(id), sequence, payload)) {
                target.put(Keys.updateByDevice(id), sequence, NOTHING);
            }
        } else if (fact instanceof Fact.CampaignChanged changed) {
            target.put(Keys.campaign(changed.campaign().id()), sequence, payload);
        } else if (fact instanceof Fact.PackageChanged changed) {
            target.put(Keys.firmwarePackage(changed.firmwarePackage().id()), sequence, payload);
        } else if (fact instanceof Fact.GateJudged judged) {
            target.put(Keys.gate(judged.campaign(), sequence), sequence, payload);
        } else if (fact instanceof Fact.UpdateAnnotated annotated) {
            target.put(Keys.note(annotated.update(), sequence), sequence, payload);
        } else if (fact instanceof Fact.KillSwitchRaised raised) {
            target.put(Keys.killSwitch(raised.killSwitch().id()), sequence, payload);
        } else if (fact instanceof Fact.KillSwitchReported reported) {
            KillReceipt receipt = reported.receipt();
            target.put(Keys.receipt(receipt.killSwitch().id()), sequence, payload);
        } else if (fact instanceof Fact.KillSwitchLifted lifted) {
            target.remove(Keys.killSwitch(lifted.killSwitchId()));
        } else if (fact instanceof Fact.Audited) {
            target.put(Keys.audit(sequence), sequence, payload);
        }
    }
}
