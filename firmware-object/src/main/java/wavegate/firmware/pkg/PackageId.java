package wavegate.firmware.pkg;

/** Name of a package in the API and the ledger: the first 16 hex digits of its manifest's SHA-256, so the same upload has the same id. */
public record PackageId(String value) implements Comparable<PackageId> {
    public PackageId {
        if (!value.matches("[0-9a-f]{16}")) {
            throw new IllegalArgumentException("package id: \"" + value + "\" (expected: 16 lower-case hex digits)");
        }
    }

    public static PackageId ofManifest(byte[] manifestBytes) {
        return new PackageId(Sha256.of(manifestBytes).hex().substring(0, 16));
    }

    @Override
    public int compareTo(PackageId other) {
        return value.compareTo(other.value);
    }

    @Override
    public String toString() {
        return value;
    }
}
