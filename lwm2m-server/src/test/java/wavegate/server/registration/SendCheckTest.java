package wavegate.server.registration;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.file.Path;
import java.security.Principal;
import java.security.SecureRandom;
import java.time.Clock;
import java.util.Map;
import java.util.Optional;
import org.eclipse.californium.core.coap.CoAP.Code;
import org.eclipse.californium.core.coap.CoAP.ResponseCode;
import org.eclipse.californium.core.coap.Request;
import org.eclipse.californium.elements.AddressEndpointContext;
import org.eclipse.californium.elements.auth.PreSharedKeyIdentity;
import org.eclipse.leshan.core.LwM2m.LwM2mVersion;
import org.eclipse.leshan.core.node.codec.DefaultLwM2mDecoder;
import org.eclipse.leshan.core.peer.IpPeer;
import org.eclipse.leshan.core.peer.PskIdentity;
import org.eclipse.leshan.server.registration.Registration;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import wavegate.bootstrap.credential.Credential;
import wavegate.bootstrap.credential.CredentialStore;
import wavegate.bootstrap.credential.SealedCredentialStore;
import wavegate.bootstrap.credential.StoreKey;
import wavegate.bootstrap.credential.Use;

class SendCheckTest {
    private static final InetSocketAddress SENDER = new InetSocketAddress(InetAddress.getLoopbackAddress(), 40_000);
    private static final IpPeer BY_PSK = new IpPeer(SENDER, new PskIdentity("psk-1"));
    private static final int SENML_JSON = 110;

    @TempDir
    private Path directory;

    private CredentialStore credentials;
    private ExpiringRegistrationStore registrations;
    private SendCheck check;

    @BeforeEach
    void open() throws Exception {
        SecureRandom random = new SecureRandom();
        credentials = SealedCredentialStore.open(
                directory.resolve("credentials"),
                StoreKey.forData(directory.resolve("data"), "", random),
                Clock.systemUTC(),
                random);
        registrations = new ExpiringRegistrationStore(60_000, new SharedRegistrations(new InterningDataExtractor()));
        check = new SendCheck(
                new CredentialHolders(credentials),
                new DtlsIdentities(Use.LWM2M, credentials, null),
                registrations,
                new DefaultLwM2mDecoder());
        credentials.put(Use.LWM2M, new Credential.Psk("m-1", "psk-1", new byte[16]));
    }

    @AfterEach
    void close() {
        registrations.destroy();
        credentials.close();
    }

    private void registered(String endpoint, IpPeer peer) {
        registrations.addRegistration(
                new Registration.Builder("id-" + endpoint, endpoint, peer, URI.create("coaps://127.0.0.1:5684"))
                        .lwM2mVersion(LwM2mVersion.V1_1)
                        .additionalRegistrationAttributes(Map.of())
                        .build());
    }

    private Optional<ResponseCode> refusal(@Nullable Principal sender) {
        Request request = new Request(Code.POST);
        request.getOptions().addUriPath("dp").setContentFormat(SENML_JSON);
        request.setSourceContext(new AddressEndpointContext(SENDER, sender));
        return check.apply(request).map(GuardedResource.Refusal::code);
    }

    @Test
    void the_holder_of_the_registration_is_let_through() {
        registered("m-1", BY_PSK);

        assertThat(refusal(new PreSharedKeyIdentity("psk-1"))).isEmpty();
    }

    @Test
    void a_sender_whose_credential_is_another_endpoints_is_turned_back() {
        registered("m-2", BY_PSK);

        assertThat(refusal(new PreSharedKeyIdentity("psk-1"))).contains(ResponseCode.FORBIDDEN);
    }

    @Test
    void a_sender_without_dtls_is_turned_back_once_its_endpoint_has_a_credential() {
        registered("m-1", new IpPeer(SENDER));

        assertThat(refusal(null)).contains(ResponseCode.FORBIDDEN);
    }

    @Test
    void a_sender_whose_credential_has_ended_is_turned_back_with_a_registration_and_without() throws Exception {
        credentials.revoke(Use.LWM2M, "m-1", "stolen");

        assertThat(refusal(new PreSharedKeyIdentity("psk-1"))).contains(ResponseCode.FORBIDDEN);
        registered("m-1", BY_PSK);
        assertThat(refusal(new PreSharedKeyIdentity("psk-1"))).contains(ResponseCode.FORBIDDEN);
    }
}
