package wavegate.firmware.campaign;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import wavegate.firmware.pkg.Sha256;
import wavegate.firmware.update.CampaignId;

/**
 * A campaign as the ledger keeps it.
 *
 * @param reason why it is paused, aborted or as it is; empty where the phase says it all
 * @param membership digest of the membership file; empty list of waves and {@code Optional.empty()} before start
 * @param startedAt {@link Instant#MAX} before
 * @param endedAt {@link Instant#MAX} before
 * @param reviewed who wrote it and who agreed to it; empty in older records
 */
public record Campaign(
        CampaignId id,
        CampaignSpec spec,
        CampaignPhase phase,
        String reason,
        Optional<Sha256> membership,
        List<Wave> waves,
        Instant createdAt,
        Instant startedAt,
        Instant endedAt,
        Optional<Review> reviewed) {
    public Campaign {
        waves = List.copyOf(waves);
    }

    /** One that nobody is known to have written. */
    public Campaign(
            CampaignId id,
            CampaignSpec spec,
            CampaignPhase phase,
            String reason,
            Optional<Sha256> membership,
            List<Wave> waves,
            Instant createdAt,
            Instant startedAt,
            Instant endedAt) {
        this(id, spec, phase, reason, membership, waves, createdAt, startedAt, endedAt, Optional.empty());
    }

    public static Campaign draft(CampaignId id, CampaignSpec spec, Instant now) {
        return new Campaign(
                id, spec, CampaignPhase.DRAFT, "", Optional.empty(), List.of(), now, Instant.MAX, Instant.MAX);
    }

    public static Campaign draft(CampaignId id, CampaignSpec spec, String author, Instant now) {
        return draft(id, spec, now).reviewedAs(Review.writtenBy(author));
    }

    public Review review() {
        return reviewed.orElse(Review.NONE);
    }

    Campaign reviewedAs(Review review) {
        return new Campaign(
                id, spec, phase, reason, membership, waves, createdAt, startedAt, endedAt, Optional.of(review));
    }

    Campaign asking(CampaignSpec other) {
        return new Campaign(id, other, phase, reason, membership, waves, createdAt, startedAt, endedAt, reviewed);
    }

    /** The wave that is open now: dispatching, settling, soaking or held. */
    public Optional<Wave> openWave() {
        return waves.stream()
                .filter(wave ->
                        wave.phase() != WavePhase.PENDING && !wave.phase().isFinal())
                .findFirst();
    }

    public Campaign to(CampaignPhase next, String why, Instant now) {
        return new Campaign(
                id,
                spec,
                next,
                why,
                membership,
                waves,
                createdAt,
                startedAt,
                next.isFinal() ? now : Instant.MAX,
                reviewed);
    }

    Campaign started(Sha256 members, List<Wave> planned, Instant now) {
        return new Campaign(
                id,
                spec,
                CampaignPhase.SCHEDULED,
                "",
                Optional.of(members),
                planned,
                createdAt,
                now,
                endedAt,
                reviewed);
    }

    /** With more devices in its last wave. */
    public Campaign joined(int devices) {
        Wave last = waves.get(waves.size() - 1);
        return with(last.joined(devices));
    }

    Campaign delayed(Duration gap) {
        return new Campaign(
                id, spec, phase, reason, membership, waves, createdAt, startedAt.plus(gap), endedAt, reviewed);
    }

    Campaign with(Wave wave) {
        List<Wave> next = new ArrayList<>(waves);
        next.set(wave.index(), wave);
        return new Campaign(id, spec, phase, reason, membership, next, createdAt, startedAt, endedAt, reviewed);
    }
}
