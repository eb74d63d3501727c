package wavegate.server.registration;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.util.HexFormat;
import java.util.Optional;
import org.eclipse.californium.elements.util.PersistentComponentUtil;
import org.eclipse.californium.scandium.DTLSConnector;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import wavegate.bootstrap.credential.OwnedFiles;
import wavegate.bootstrap.credential.StoreKey;

/**
 * Carries DTLS connections over a planned restart, in a sealed file. A connection that went on twice from the same place would send two
 * messages under one number and so lay open both; therefore the file is gone before it is used, and opens only with a ticket that lies beside
 * the key and is good once: neither a crash nor an older copy of the data brings a connection back a second time. Used at start and at close.
 */
final class SavedConnections {
    private static final Logger LOG = LoggerFactory.getLogger(SavedConnections.class);
    private static final long LONGEST_SILENCE_SECONDS = 7 * 24 * 3600L;

    private final Path file;
    private final Path ticket;
    private final StoreKey key;

    SavedConnections(Path file, StoreKey key) throws IOException {
        this.file = file;
        this.key = key;
        this.ticket = key.markFile(file, "ticket");
    }

    /** @param connector stopped; its connections are gone from it afterwards */
    void save(DTLSConnector connector) {
        try {
            ByteArrayOutputStream plain = new ByteArrayOutputStream();
            int count = of(connector).saveComponents(plain, LONGEST_SILENCE_SECONDS);
            byte[] once = new byte[16];
            new SecureRandom().nextBytes(once);
            OwnedFiles.replace(ticket, once);
            OwnedFiles.replace(file, key.seal(plain.toByteArray(), purpose(once)));
            LOG.info("dtls connections saved={}", count);
        } catch (IOException | RuntimeException e) {
            LOG.warn("dtls connections not saved, the devices shake hands anew", e);
        }
    }

    /** @param connector not started yet */
    void load(DTLSConnector connector) {
        try {
            if (!Files.exists(file)) {
                Files.deleteIfExists(ticket);
                return;
            }
            byte[] sealed = Files.readAllBytes(file);
            byte[] once = Files.exists(ticket) ? Files.readAllBytes(ticket) : new byte[0];
            OwnedFiles.delete(ticket);
            OwnedFiles.delete(file);
            Optional<byte[]> plain = key.open(sealed, purpose(once));
            if (plain.isEmpty()) {
                LOG.warn("dtls connections file={} not from the last close; the devices shake hands anew", file);
                return;
            }
            int count = of(connector).loadComponents(new ByteArrayInputStream(plain.get()));
            LOG.info("dtls connections restored={}", count);
        } catch (IOException | RuntimeException e) {
            LOG.warn("dtls connections not restored, the devices shake hands anew", e);
        }
    }

    private static PersistentComponentUtil of(DTLSConnector connector) {
        PersistentComponentUtil components = new PersistentComponentUtil();
        components.add(connector);
        return components;
    }

    private static String purpose(byte[] once) {
        return "dtls connections " + HexFormat.of().formatHex(once);
    }
}
