package wavegate.sim;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermission;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import wavegate.sim.coap.Psk;

/**
 * Keys out of a file that only its owner may read: a line {@code endpoint,identity,key-in-hex} per module, or, for all that are not listed,
 * one line {@code master,secret-in-hex} from which {@link DerivedPsks} makes them. {@code #} begins a comment line.
 */
public final class PskFile {
    private static final Set<PosixFilePermission> OTHERS = EnumSet.of(
            PosixFilePermission.GROUP_READ,
            PosixFilePermission.GROUP_WRITE,
            PosixFilePermission.OTHERS_READ,
            PosixFilePermission.OTHERS_WRITE);
    private static final String MASTER = "master";

    private PskFile() {}

    /** @throws IOException if it cannot be read, is open to others, or a line is wrong; the message names the line and never shows a key */
    public static PskSource read(Path file) throws IOException {
        if (FileSystems.getDefault().supportedFileAttributeViews().contains("posix")
                && Files.getPosixFilePermissions(file).stream().anyMatch(OTHERS::contains)) {
            throw new IOException(file + " holds keys and is open to others (expected: chmod 600)");
        }
        Map<String, Psk> listed = new HashMap<>();
        PskSource rest = PskSource.NONE;
        List<String> lines = Files.readAllLines(file, StandardCharsets.UTF_8);
        for (int i = 0; i < lines.size(); i++) {
            String line = lines.get(i).strip();
            if (line.isEmpty() || line.startsWith("#")) {
                continue;
            }
            String[] fields = line.split(",", -1);
            try {
                if (fields.length == 2 && fields[0].equals(MASTER)) {
                    rest = new DerivedPsks(hex(fields[1]));
                } else if (fields.length != 3) {
                    throw new IllegalArgumentException(
                            fields.length + " fields (expected: endpoint,identity,key-in-hex or master,secret-in-hex)");
                } else if (listed.put(fields[0].strip(), new Psk(fields[1].strip(), hex(fields[2]))) != null) {
                    throw new IllegalArgumentException("endpoint " + fields[0].strip() + " occurs twice");
                }
            } catch (IllegalArgumentException e) {
                throw new IOException(file + ", line " + (i + 1) + ": " + e.getMessage(), e);
            }
        }
        return source(Map.copyOf(listed), rest);
    }

    private static PskSource source(Map<String, Psk> listed, PskSource rest) {
        return endpoint -> {
            Psk known = listed.get(endpoint);
            return known == null ? rest.of(endpoint) : Optional.of(known);
        };
    }

    private static byte[] hex(String text) {
        try {
            return HexFormat.of().parseHex(text.strip());
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException("the key is not an even number of hex digits");
        }
    }
}
