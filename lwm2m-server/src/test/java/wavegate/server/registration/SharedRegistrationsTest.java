package wavegate.server.registration;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.time.Instant;
import java.util.Date;
import java.util.EnumSet;
import java.util.Map;
import org.eclipse.leshan.core.LwM2m.LwM2mVersion;
import org.eclipse.leshan.core.link.Link;
import org.eclipse.leshan.core.link.LinkParseException;
import org.eclipse.leshan.core.peer.IpPeer;
import org.eclipse.leshan.core.request.BindingMode;
import org.eclipse.leshan.server.registration.Registration;
import org.eclipse.leshan.server.registration.RegistrationDataExtractor.RegistrationData;
import org.eclipse.leshan.server.registration.RegistrationUpdate;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class SharedRegistrationsTest {
    private final InterningLinkParser parser = new InterningLinkParser(100);
    private final InterningDataExtractor extractor = new InterningDataExtractor();
    private final SharedRegistrations shared = new SharedRegistrations(extractor);

    private Link[] links(String text) {
        try {
            return parser.parseCoreLinkFormat(text.getBytes(US_ASCII));
        } catch (LinkParseException e) {
            throw new AssertionError(e);
        }
    }

    private static IpPeer peer(int port) {
        return new IpPeer(new InetSocketAddress(InetAddress.getLoopbackAddress(), port));
    }

    private Registration registration(String endpoint, String links) {
        Link[] parsed = links(links);
        RegistrationData data = extractor.extractDataFromObjectLinks(parsed, LwM2mVersion.V1_1);
        return new Registration.Builder("id-" + endpoint, endpoint, peer(5000), URI.create("coap://127.0.0.1:5683"))
                .lwM2mVersion(LwM2mVersion.V1_1)
                .lifeTimeInSec(300L)
                .bindingMode(EnumSet.of(BindingMode.U, BindingMode.Q))
                .registrationDate(Date.from(Instant.ofEpochSecond(1)))
                .lastUpdate(Date.from(Instant.ofEpochSecond(1)))
                .objectLinks(parsed)
                .rootPath(data.getAlternatePath())
                .supportedContentFormats(data.getSupportedContentFormats())
                .supportedObjects(data.getSupportedObjects())
                .availableInstances(data.getAvailableInstances())
                .additionalRegistrationAttributes(Map.of("region", "north"))
                .build();
    }

    private static RegistrationUpdate update(
            String endpoint, IpPeer peer, @Nullable Long lifetime, Link @Nullable [] links, Map<String, String> more) {
        return new RegistrationUpdate(
                "id-" + endpoint, peer, lifetime, null, null, links, null, null, null, null, more, Map.of());
    }

    @Test
    void an_update_by_a_renewed_certificate_counts_from_the_same_address_too() {
        IpPeer renewed = new IpPeer(peer(5000).getSocketAddress(), new CertificateIdentity("a", "b".repeat(64)));
        Registration before = shared.share(update(
                        "a",
                        new IpPeer(peer(5000).getSocketAddress(), new CertificateIdentity("a", "a".repeat(64))),
                        null,
                        null,
                        Map.of())
                .update(registration("a", "</1/0>")));

        Registration after =
                shared.share(update("a", renewed, null, null, Map.of())).update(before);

        assertThat(before.getClientTransportData()).isEqualTo(renewed).isNotSameAs(renewed);
        assertThat(after.getClientTransportData()).isSameAs(renewed);
    }

    @Test
    void devices_of_one_model_share_what_follows_from_their_object_list() {
        String list = "</>;ct=\"60 112\",</1/0>,</3/0>,</5>;ver=1.1,</5/0>";

        Registration a = shared.share(registration("a", list));
        Registration b = shared.share(registration("b", list));

        assertThat(a.getSupportedObject()).isSameAs(b.getSupportedObject());
        assertThat(a.getAvailableInstances()).isSameAs(b.getAvailableInstances());
        assertThat(a.getSupportedContentFormats()).isSameAs(b.getSupportedContentFormats());
        assertThat(a.getBindingMode()).isSameAs(b.getBindingMode());
        assertThat(a.getLastEndpointUsed()).isSameAs(b.getLastEndpointUsed());
    }

    @Test
    void a_shared_registration_says_what_the_given_one_said() {
        Registration given = registration("a", "</>;ct=\"60 112\",</1/0>,</3/0>,</5>;ver=1.1,</5/0>");

        assertThat(shared.share(given))
                .usingRecursiveComparison()
                .ignoringActualNullFields()
                .isEqualTo(given);
        assertThat(shared.share(given).getSupportedVersion(5)).hasToString("1.1");
    }

    @Test
    void a_renewal_moves_the_time_and_the_address_and_copies_nothing() {
        Registration before = shared.share(registration("a", "</1/0>,</3/0>"));

        Registration after =
                shared.share(update("a", peer(6000), null, null, Map.of())).update(before);

        assertThat(after.getLastUpdate()).isAfter(before.getLastUpdate());
        assertThat(after.getRegistrationDate()).isEqualTo(before.getRegistrationDate());
        assertThat(after.getSocketAddress().getPort()).isEqualTo(6000);
        assertThat(after.getLifeTimeInSec()).isEqualTo(300);
        assertThat(after.getSupportedObject()).isSameAs(before.getSupportedObject());
        assertThat(after.getAdditionalRegistrationAttributes()).containsEntry("region", "north");
    }

    @Test
    void an_update_that_changes_something_changes_that() {
        Registration before = shared.share(registration("a", "</1/0>,</3/0>"));
        Link[] more = links("</1/0>,</3/0>,</5/0>");
        RegistrationData data = extractor.extractDataFromObjectLinks(more, LwM2mVersion.V1_1);
        RegistrationUpdate changes = new RegistrationUpdate(
                "id-a",
                peer(5000),
                600L,
                null,
                EnumSet.of(BindingMode.U),
                more,
                data.getAlternatePath(),
                data.getSupportedContentFormats(),
                data.getSupportedObjects(),
                data.getAvailableInstances(),
                Map.of("tag", "pilot"),
                Map.of());

        Registration after = shared.share(changes).update(before);

        assertThat(after.getSupportedVersion(5)).isNotNull();
        assertThat(after.getLifeTimeInSec()).isEqualTo(600);
        assertThat(after.getBindingMode()).containsExactly(BindingMode.U);
        assertThat(after.getAdditionalRegistrationAttributes())
                .containsEntry("region", "north")
                .containsEntry("tag", "pilot");
    }
}
