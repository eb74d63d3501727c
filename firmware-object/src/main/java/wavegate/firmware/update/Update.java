package wavegate.firmware.update;

import java.time.Instant;
import java.util.Optional;
import wavegate.firmware.device.Endpoint;
import wavegate.firmware.object.UpdateResult;
import wavegate.firmware.pkg.FirmwareVersion;
import wavegate.firmware.pkg.PackageId;
import wavegate.firmware.pkg.Payload;

/**
 * One device's run in a campaign; the row that the ledger keeps. Only {@link UpdateMachine} makes the next one.
 *
 * @param wave index of the wave that reserved it, from 0
 * @param region the device's region when it was reserved; empty if it had none
 * @param token part of the Package URI that names this update; 16 hex digits, secret until sent
 * @param target version the device must show at the end
 * @param from version read at CHECKING; unknown before
 * @param attempt 1 for the first; grows by one when a RETRY ends
 * @param step grows with every change of this row; an answer that names an older step is ignored
 * @param lastResult Update Result read last; {@link UpdateResult#INITIAL} before
 * @param since when this phase was entered
 * @param deadline when {@link UpdateSignal.DeadlinePassed} is due; {@link Instant#MAX} for none
 * @param payload which bytes are carried, chosen at CHECKING; empty before, and in older rows, which carry the image
 * @param note why in words, where the detail does not say it all
 * @param sighting what the object showed before delivery, and from VERIFYING on with our image on it; empty before
 * @param parts the components of Object 33629 it is about, where these are several; empty before CHECKING has found them
 */
public record Update(
        UpdateId id,
        int wave,
        PackageId packageId,
        String region,
        String token,
        FirmwareVersion target,
        FirmwareVersion from,
        UpdatePhase phase,
        UpdateDetail detail,
        Intent intent,
        int attempt,
        int step,
        Tries tries,
        UpdateResult lastResult,
        Instant since,
        Instant deadline,
        Optional<Payload> payload,
        Optional<String> note,
        Optional<Sighting> sighting,
        Optional<Parts> parts) {
    /** Of one object. */
    public Update(
            UpdateId id,
            int wave,
            PackageId packageId,
            String region,
            String token,
            FirmwareVersion target,
            FirmwareVersion from,
            UpdatePhase phase,
            UpdateDetail detail,
            Intent intent,
            int attempt,
            int step,
            Tries tries,
            UpdateResult lastResult,
            Instant since,
            Instant deadline,
            Optional<Payload> payload,
            Optional<String> note,
            Optional<Sighting> sighting) {
        this(
                id,
                wave,
                packageId,
                region,
                token,
                target,
                from,
                phase,
                detail,
                intent,
                attempt,
                step,
                tries,
                lastResult,
                since,
                deadline,
                payload,
                note,
                sighting,
                Optional.empty());
    }

    /** A device just reserved by its wave. */
    public static Update reserved(
            UpdateId id,
            int wave,
            PackageId packageId,
            String region,
            String token,
            FirmwareVersion target,
            Instant now) {
        return new Update(
                id,
                wave,
                packageId,
                region,
                token,
                target,
                FirmwareVersion.UNKNOWN,
                UpdatePhase.IDLE,
                UpdateDetail.RESERVED,
                Intent.NONE,
                1,
                0,
                Tries.NONE,
                UpdateResult.INITIAL,
                now,
                Instant.MAX,
                Optional.empty(),
                Optional.empty(),
                Optional.empty());
    }

    /** Another row in place of one that ended; what the object showed is forgotten, what the device ran is not. */
    Update anew(UpdatePhase nextPhase, UpdateDetail nextDetail, Instant now, Instant due) {
        return new Update(
                id,
                wave,
                packageId,
                region,
                token,
                target,
                from,
                nextPhase,
                nextDetail,
                Intent.NONE,
                attempt,
                step + 1,
                Tries.NONE,
                lastResult,
                now,
                due,
                Optional.empty(),
                Optional.empty(),
                Optional.empty());
    }

    public Endpoint endpoint() {
        return id.endpoint();
    }

    public CampaignId campaign() {
        return id.campaign();
    }

    public DispatchScope scope() {
        return new DispatchScope(id.campaign(), packageId, region);
    }

    /** The same row, with what the object has shown. */
    Update seen(Sighting now) {
        return with(payload, Optional.of(now), parts);
    }

    /** The same row, driving another component. */
    Update turnedTo(Parts all, Payload bytes, Sighting before) {
        return with(Optional.of(bytes), Optional.of(before), Optional.of(all));
    }

    Update consistingOf(Parts all) {
        return with(payload, sighting, Optional.of(all));
    }

    private Update with(Optional<Payload> bytes, Optional<Sighting> shown, Optional<Parts> all) {
        return new Update(
                id,
                wave,
                packageId,
                region,
                token,
                target,
                from,
                phase,
                detail,
                intent,
                attempt,
                step,
                tries,
                lastResult,
                since,
                deadline,
                bytes,
                note,
                shown,
                all);
    }

    /** The object instance that is driven. */
    public FirmwareSlot slot() {
        return sighting.map(Sighting::slot).orElse(FirmwareSlot.OBJECT_5);
    }

    public boolean isFinal() {
        return phase.isFinal();
    }

    /** {@code DOWNLOADING/push}. */
    public String where() {
        return phase + "/" + detail.label();
    }
}
