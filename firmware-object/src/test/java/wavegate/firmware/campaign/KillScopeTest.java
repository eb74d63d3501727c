package wavegate.firmware.campaign;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import wavegate.firmware.campaign.KillScope.Kind;
import wavegate.firmware.pkg.PackageId;
import wavegate.firmware.update.CampaignId;
import wavegate.firmware.update.DispatchScope;

class KillScopeTest {
    private static final String PACKAGE = "00112233445566ff";
    private static final DispatchScope DISPATCH =
            new DispatchScope(new CampaignId("spring"), new PackageId(PACKAGE), "eu");

    @Test
    void a_scope_covers_what_it_names_and_nothing_else() {
        assertThat(new KillScope(Kind.CAMPAIGN, "spring").covers(DISPATCH)).isTrue();
        assertThat(new KillScope(Kind.CAMPAIGN, "spring-2").covers(DISPATCH)).isFalse();
        assertThat(new KillScope(Kind.PACKAGE, PACKAGE).covers(DISPATCH)).isTrue();
        assertThat(new KillScope(Kind.PACKAGE, "ff00112233445566").covers(DISPATCH))
                .isFalse();
        assertThat(new KillScope(Kind.REGION, "eu").covers(DISPATCH)).isTrue();
        assertThat(new KillScope(Kind.REGION, "eu-north").covers(DISPATCH)).isFalse();
        assertThat(new KillScope(Kind.ALL, "").covers(DISPATCH)).isTrue();
    }

    @Test
    void a_region_named_like_a_campaign_does_not_stop_the_campaign() {
        assertThat(new KillScope(Kind.REGION, "spring").covers(DISPATCH)).isFalse();
        assertThat(new KillScope(Kind.CAMPAIGN, "eu").covers(DISPATCH)).isFalse();
    }

    @Test
    void a_device_without_a_region_is_reached_by_every_scope_but_a_region() {
        DispatchScope nowhere = new DispatchScope(DISPATCH.campaign(), DISPATCH.packageId(), "");

        assertThat(new KillScope(Kind.REGION, "eu").covers(nowhere)).isFalse();
        assertThat(new KillScope(Kind.ALL, "").covers(nowhere)).isTrue();
        assertThat(new KillScope(Kind.CAMPAIGN, "spring").covers(nowhere)).isTrue();
        assertThat(new KillScope(Kind.PACKAGE, PACKAGE).covers(nowhere)).isTrue();
    }

    @Test
    void a_scope_that_could_cover_nothing_is_refused() {
        assertThatThrownBy(() -> new KillScope(Kind.CAMPAIGN, "")).hasMessageStartingWith("campaign id: \"\"");
        assertThatThrownBy(() -> new KillScope(Kind.CAMPAIGN, "Spring")).hasMessageStartingWith("campaign id:");
        assertThatThrownBy(() -> new KillScope(Kind.PACKAGE, "pump")).hasMessageStartingWith("package id: \"pump\"");
        assertThatThrownBy(() -> new KillScope(Kind.REGION, " ")).hasMessageStartingWith("kill switch region");
        assertThatThrownBy(() -> new KillScope(Kind.ALL, "eu")).hasMessageStartingWith("kill switch of all: \"eu\"");
    }

    @Test
    void a_scope_reads_as_a_sentence_part() {
        assertThat(new KillScope(Kind.REGION, "eu")).hasToString("region eu");
        assertThat(new KillScope(Kind.ALL, "")).hasToString("all");
    }
}
