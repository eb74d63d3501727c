package wavegate.server.cli;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** Where a command keeps the data of the servers it starts: a directory the user named and keeps, or one that is deleted with this. */
record WorkDirectory(Path path, boolean deleted) implements AutoCloseable {
    /** @param named absent for one of the system's temporary directories, whose name begins with {@code prefix} */
    static WorkDirectory of(@Nullable Path named, String prefix) throws IOException {
        Path path = named == null ? Files.createTempDirectory(prefix) : Files.createDirectories(named);
        return new WorkDirectory(path.toAbsolutePath(), named == null);
    }

    @Override
    public void close() throws IOException {
        if (!deleted) {
            return;
        }
        try (Stream<Path> all = Files.walk(path)) {
            for (Path each : all.sorted(Comparator.reverseOrder()).toList()) {
                Files.deleteIfExists(each);
            }
        }
    }
}
