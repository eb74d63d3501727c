package wavegate.server.registration.oscore;

import java.net.InetSocketAddress;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import org.eclipse.californium.core.network.stack.Layer;
import wavegate.bootstrap.credential.CredentialStore;

/** What an endpoint needs to speak OSCORE. It is the endpoint's custom argument, from which the stack takes its layers. */
public final class OscoreSide {
    private final OscoreContexts contexts;

    /** @param recipientIdAt of the device that is registered from an address by OSCORE */
    public OscoreSide(
            CredentialStore credentials,
            OscoreSequences sequences,
            Function<InetSocketAddress, Optional<byte[]>> recipientIdAt) {
        contexts = new OscoreContexts(credentials, sequences, recipientIdAt);
    }

    /** To lie between the block-wise layer and the one that retransmits, the upper first. */
    public List<Layer> layers() {
        return List.of(new OscoreLayer(contexts), new OscoreOnly());
    }
}
