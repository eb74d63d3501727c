package wavegate.server.registration;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import wavegate.firmware.device.Endpoint;

/**
 * Credentials in a text file, one a line: {@code endpoint,psk-identity,key-in-hex}; {@code #} begins a comment line. Only its owner may read
 * the file. Lookups read an immutable map; changes rewrite the whole file. Any thread.
 */
public final class FileCredentials implements CredentialDirectory {
    private static final Logger LOG = LoggerFactory.getLogger(FileCredentials.class);
    private static final Set<PosixFilePermission> OWNER_ONLY = PosixFilePermissions.fromString("rw-------");

    private record Index(Map<String, Credential> byEndpoint, Map<String, Credential> byIdentity) {
        static Index of(Map<String, Credential> byEndpoint) {
            Map<String, Credential> byIdentity = byEndpoint.values().stream()
                    .collect(Collectors.toMap(Credential::pskIdentity, c -> c, (a, b) -> {
                        throw new IllegalArgumentException("psk identity of " + a.endpoint() + " and " + b.endpoint()
                                + " (expected: one endpoint for each identity)");
                    }));
            return new Index(byEndpoint, byIdentity);
        }
    }

    private final Path file;
    private volatile Index index;

    private FileCredentials(Path file, Index index) {
        this.file = file;
        this.index = index;
    }

    /**
     * Reads the file; an absent one is empty.
     *
     * @throws IOException if it cannot be read, is open to others, or a line is wrong; the message names the line and never shows a key
     */
    public static FileCredentials open(Path file) throws IOException {
        Map<String, Credential> byEndpoint = new TreeMap<>();
        if (Files.exists(file)) {
            refuseIfOpenToOthers(file);
            List<String> lines = Files.readAllLines(file, StandardCharsets.UTF_8);
            for (int i = 0; i < lines.size(); i++) {
                String line = lines.get(i).strip();
                if (line.isEmpty() || line.startsWith("#")) {
                    continue;
                }
                try {
                    Credential credential = Credential.parse(line);
                    if (byEndpoint.put(credential.endpoint().name(), credential) != null) {
                        throw new IllegalArgumentException("endpoint " + credential.endpoint() + " occurs twice");
                    }
                } catch (IllegalArgumentException e) {
                    throw new IOException(file + ", line " + (i + 1) + ": " + e.getMessage(), e);
                }
            }
        }
        try {
            return new FileCredentials(file, Index.of(byEndpoint));
        } catch (IllegalArgumentException e) {
            throw new IOException(file + ": " + e.getMessage(), e);
        }
    }

    @Override
    public Optional<Credential> byIdentity(String pskIdentity) {
        return Optional.ofNullable(index.byIdentity.get(pskIdentity));
    }

    @Override
    public Optional<Credential> byEndpoint(Endpoint endpoint) {
        return Optional.ofNullable(index.byEndpoint.get(endpoint.name()));
    }

    public int count() {
        return index.byEndpoint.size();
    }

    /** Adds or replaces the credential of an endpoint; in the file when this returns. @throws IOException if writing or forcing fails */
    public synchronized void put(Credential credential) throws IOException {
        Map<String, Credential> next = new TreeMap<>(index.byEndpoint);
        next.put(credential.endpoint().name(), credential);
        replaceBy(next);
        LOG.info("credential ep={} set", credential.endpoint());
    }

    /** @return false if the endpoint had none @throws IOException if writing or forcing fails */
    public synchronized boolean remove(Endpoint endpoint) throws IOException {
        Map<String, Credential> next = new TreeMap<>(index.byEndpoint);
        if (next.remove(endpoint.name()) == null) {
            return false;
        }
        replaceBy(next);
        LOG.info("credential ep={} removed", endpoint);
        return true;
    }

    private void replaceBy(Map<String, Credential> next) throws IOException {
        Index checked = Index.of(next);
        String text = next.values().stream().map(Credential::toLine).collect(Collectors.joining("\n", "", "\n"));
        Path fresh = file.resolveSibling(file.getFileName() + ".new");
        Files.deleteIfExists(fresh);
        if (posix(file)) {
            Files.createFile(fresh, PosixFilePermissions.asFileAttribute(OWNER_ONLY));
        } else {
            Files.createFile(fresh);
        }
        try (FileChannel channel = FileChannel.open(fresh, StandardOpenOption.WRITE)) {
            ByteBuffer bytes = StandardCharsets.UTF_8.encode(text);
            while (bytes.hasRemaining()) {
                channel.write(bytes);
            }
            channel.force(true);
        }
        Files.move(fresh, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
        index = checked;
    }

    private static void refuseIfOpenToOthers(Path file) throws IOException {
        if (!posix(file)) {
            return;
        }
        Set<PosixFilePermission> mode = Files.getPosixFilePermissions(file);
        if (!OWNER_ONLY.containsAll(mode)) {
            throw new IOException(file + ": mode " + PosixFilePermissions.toString(mode)
                    + " (expected: rw------- , since it holds keys; chmod 600)");
        }
    }

    private static boolean posix(Path file) {
        return file.getFileSystem().supportedFileAttributeViews().contains("posix");
    }
}
