package wavegate.server.registration;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.security.cert.CertPath;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import wavegate.server.registration.TestAuthority.Issued;

class TenantAuthoritiesTest {
    private static final Duration MONTH = Duration.ofDays(30);

    @TempDir
    private Path folder;

    private final AtomicReference<Instant> now = new AtomicReference<>(Instant.now());

    @Test
    void a_revoked_authority_in_between_takes_those_below_it_along() throws Exception {
        TestAuthority acme = new TestAuthority("acme");
        TestAuthority plant = acme.below("plant");
        acme.trustedIn(folder);
        acme.publishes(folder, acme.revocationList(), plant.revocationList());
        TenantAuthorities tenants = TenantAuthorities.open(folder, MONTH, now::get);
        CertPath path = accepted(tenants, plant.issue("m-1"), plant);
        assertThat(tenants.tenantOf(path)).contains("acme");

        acme.publishes(folder, acme.revocationList(plant.certificate()), plant.revocationList());

        assertThat(tenants.reload()).isTrue();
        assertThat(tenants.tenantOf(path)).isEmpty();
    }

    @Test
    void an_authority_in_between_that_is_past_its_time_vouches_for_nobody() throws Exception {
        TestAuthority acme = new TestAuthority("acme");
        TestAuthority plant = acme.below("plant");
        acme.trustedIn(folder);
        acme.publishes(folder, acme.revocationList(), plant.revocationList());
        TenantAuthorities tenants = TenantAuthorities.open(folder, MONTH, now::get);
        Instant begin = now.get().minusSeconds(60);
        CertPath path = accepted(tenants, plant.issue("m-1", begin, begin.plus(Duration.ofDays(9000))), plant);

        now.set(plant.certificate().getNotAfter().toInstant().plusSeconds(1));

        assertThat(tenants.tenantOf(path)).isEmpty();
    }

    @Test
    void without_a_list_only_the_devices_own_certificate_has_to_be_short_lived() throws Exception {
        TestAuthority acme = new TestAuthority("acme");
        TestAuthority plant = acme.below("plant");
        acme.trustedIn(folder);
        TenantAuthorities tenants = TenantAuthorities.open(folder, MONTH, now::get);
        Instant begin = now.get().minusSeconds(60);

        assertThat(tenants.tenantOf(accepted(tenants, plant.issue("m-1"), plant)))
                .contains("acme");
        Issued longLived = plant.issue("m-1", begin, begin.plus(Duration.ofDays(31)));
        assertThat(tenants.verify(List.of(longLived.certificate(), plant.certificate())))
                .isEmpty();
    }

    private static CertPath accepted(TenantAuthorities tenants, Issued device, TestAuthority issuer) {
        return tenants.verify(List.of(device.certificate(), issuer.certificate()))
                .orElseThrow()
                .path();
    }
}
