package wavegate.server.loopback;

import java.io.IOException;
import java.net.InetAddress;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.List;
import java.util.Set;

/** The addresses a process listens at, TCP and UDP, as the Linux kernel tells. */
final class BoundAddresses {
    private static final String LISTEN = "0A";

    private BoundAddresses() {}

    static List<InetAddress> of(long pid) throws IOException {
        Set<String> own = new HashSet<>();
        try (var descriptors = Files.list(Path.of("/proc", String.valueOf(pid), "fd"))) {
            for (Path descriptor : descriptors.toList()) {
                String target = Files.readSymbolicLink(descriptor).toString();
                if (target.startsWith("socket:[")) {
                    own.add(target.substring(8, target.length() - 1));
                }
            }
        }
        List<InetAddress> bound = new ArrayList<>();
        for (String table : List.of("tcp", "tcp6", "udp", "udp6")) {
            Path file = Path.of("/proc/net", table);
            if (!Files.exists(file)) {
                continue;
            }
            List<String> lines = Files.readAllLines(file);
            for (String line : lines.subList(1, lines.size())) {
                List<String> fields = List.of(line.trim().split("\\s+", -1));
                if (own.contains(fields.get(9))
                        && (table.startsWith("udp") || fields.get(3).equals(LISTEN))) {
                    bound.add(address(fields.get(1).substring(0, fields.get(1).indexOf(':'))));
                }
            }
        }
        return bound;
    }

    /** Hex in groups of four bytes, each in the processor's order. */
    private static InetAddress address(String hex) throws IOException {
        ByteBuffer raw = ByteBuffer.wrap(HexFormat.of().parseHex(hex));
        ByteBuffer address = ByteBuffer.allocate(raw.capacity());
        while (raw.hasRemaining()) {
            address.putInt(
                    ByteOrder.nativeOrder() == ByteOrder.LITTLE_ENDIAN
                            ? Integer.reverseBytes(raw.getInt())
                            : raw.getInt());
        }
        return InetAddress.getByAddress(address.array());
    }
}
