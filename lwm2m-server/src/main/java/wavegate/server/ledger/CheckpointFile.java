package wavegate.server.ledger;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;

/** Checkpoints in a file, one after the other: best on another machine's disk, or one that only takes appends. At a megabyte it is put aside as {@code .1}. */
final class CheckpointFile implements CheckpointSink {
    private static final long LARGEST = 1 << 20;

    private final Disk disk;
    private final Path file;

    CheckpointFile(Disk disk, Path file) {
        this.disk = disk;
        this.file = file.toAbsolutePath();
    }

    @Override
    public String name() {
        return file.toString();
    }

    private Path aside() {
        return file.resolveSibling(file.getFileName() + ".1");
    }

    @Override
    public void put(String note) throws IOException {
        if (Files.exists(file) && Files.size(file) >= LARGEST) {
            disk.rename(file, aside());
        }
        try (Disk.OpenFile open = disk.open(file, !Files.exists(file))) {
            // An empty line first: the note before may have been cut short.
            open.writeFully(ByteBuffer.wrap(("\n" + note).getBytes(UTF_8)), open.size());
            open.force(true);
        }
    }

    @Override
    public String read() throws IOException {
        String older = Files.exists(aside()) ? Files.readString(aside()) : "";
        return Files.exists(file) ? older + Files.readString(file) : older;
    }
}
