package wavegate.server.registration;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.security.GeneralSecurityException;
import java.security.cert.CertPath;
import java.security.cert.CertPathValidator;
import java.security.cert.CertStore;
import java.security.cert.CertificateFactory;
import java.security.cert.CollectionCertStoreParameters;
import java.security.cert.PKIXParameters;
import java.security.cert.TrustAnchor;
import java.security.cert.X509CRL;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Date;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The certificate authorities, each of one tenant: {@code NAME.pem} in a folder has those of the tenant NAME, {@code NAME.crl} what they have
 * revoked. One tenant's authority says nothing of another tenant's devices. A certificate is good while it is in its time and not revoked;
 * where its tenant has no revocation list, its whole validity must be short instead. Any thread; {@link #reload} on one.
 */
public final class TenantAuthorities {
    private static final Logger LOG = LoggerFactory.getLogger(TenantAuthorities.class);

    private record Tenant(String name, List<X509Certificate> authorities, List<X509CRL> revoked) {}

    /** @param path the device's certificate first, the tenant's authority last */
    record Accepted(String tenant, CertPath path) {}

    private record State(Map<String, Tenant> tenants, Map<Path, FileTime> files) {}

    private final Path folder;
    private final Duration maxLife;
    private final InstantSource clock;
    private volatile State state;

    private TenantAuthorities(Path folder, Duration maxLife, InstantSource clock, State state) {
        this.folder = folder;
        this.maxLife = maxLife;
        this.clock = clock;
        this.state = state;
    }

    /**
     * Reads the folder; an absent one has no tenants.
     *
     * @param maxLife longest validity of a device's certificate where its tenant has no revocation list
     * @throws IOException if a file is not what its name says
     */
    public static TenantAuthorities open(Path folder, Duration maxLife, InstantSource clock) throws IOException {
        return new TenantAuthorities(folder, maxLife, clock, read(folder));
    }

    private static Map<Path, FileTime> files(Path folder) throws IOException {
        Map<Path, FileTime> files = new TreeMap<>();
        if (Files.isDirectory(folder)) {
            try (Stream<Path> all = Files.list(folder)) {
                for (Path file : all.filter(path -> path.toString().matches(".*\\.(pem|crl)"))
                        .toList()) {
                    files.put(file, Files.getLastModifiedTime(file));
                }
            }
        }
        return files;
    }

    private static State read(Path folder) throws IOException {
        Map<Path, FileTime> files = files(folder);
        Map<String, Tenant> tenants = new TreeMap<>();
        for (Path file : files.keySet()) {
            String name = String.valueOf(file.getFileName());
            if (name.endsWith(".pem")) {
                String tenant = name.substring(0, name.length() - 4);
                Path list = folder.resolve(tenant + ".crl");
                tenants.put(
                        tenant,
                        new Tenant(
                                tenant,
                                PemFile.certificates(file),
                                files.containsKey(list) ? PemFile.revocationLists(list) : List.of()));
            }
        }
        return new State(tenants, files);
    }

    /** Reads the folder again if a file has changed. A folder that cannot be read leaves everything as it was. @return whether it has changed */
    public boolean reload() {
        try {
            if (files(folder).equals(state.files())) {
                return false;
            }
            state = read(folder);
            LOG.info("tenants read again: {}", state.tenants().keySet());
            return true;
        } catch (IOException | RuntimeException e) {
            // Listing a folder tells of a fault unchecked, and a file may be anything.
            LOG.warn("tenants not read again, the earlier ones stand: {}", e.getMessage());
            return false;
        }
    }

    /** Files in force. */
    public int files() {
        return state.files().size();
    }

    /** @param chain as the device sent it, its own first @return the tenant whose authority stands behind it; empty if none does, or not now */
    Optional<Accepted> verify(List<X509Certificate> chain) {
        if (chain.isEmpty()) {
            return Optional.empty();
        }
        for (Tenant tenant : state.tenants().values()) {
            for (X509Certificate authority : tenant.authorities()) {
                Optional<Accepted> accepted = verify(chain, tenant, authority);
                if (accepted.isPresent()) {
                    return accepted;
                }
            }
        }
        return Optional.empty();
    }

    private Optional<Accepted> verify(List<X509Certificate> chain, Tenant tenant, X509Certificate authority) {
        List<X509Certificate> below =
                chain.stream().takeWhile(each -> !each.equals(authority)).toList();
        if (below.isEmpty() || !isShortLived(tenant, below.get(0)) || !isGood(tenant, below.get(0))) {
            return Optional.empty();
        }
        try {
            PKIXParameters how = new PKIXParameters(Set.of(new TrustAnchor(authority, null)));
            how.setDate(Date.from(clock.instant()));
            how.setRevocationEnabled(!tenant.revoked().isEmpty());
            how.addCertStore(CertStore.getInstance("Collection", new CollectionCertStoreParameters(tenant.revoked())));
            CertificateFactory factory = CertificateFactory.getInstance("X.509");
            CertPathValidator.getInstance("PKIX").validate(factory.generateCertPath(below), how);
            List<X509Certificate> whole = new ArrayList<>(below);
            whole.add(authority);
            return Optional.of(new Accepted(tenant.name(), factory.generateCertPath(whole)));
        } catch (GeneralSecurityException e) {
            LOG.debug("certificate refused tenant={} why={}", tenant.name(), e.getMessage());
            return Optional.empty();
        }
    }

    /** The tenant of an accepted path, if each certificate below the authority is good still. */
    Optional<String> tenantOf(CertPath accepted) {
        List<X509Certificate> path = accepted.getCertificates().stream()
                .map(X509Certificate.class::cast)
                .toList();
        X509Certificate authority = path.get(path.size() - 1);
        return state.tenants().values().stream()
                .filter(tenant -> tenant.authorities().contains(authority)
                        && isShortLived(tenant, path.get(0))
                        && path.subList(0, path.size() - 1).stream().allMatch(each -> isGood(tenant, each)))
                .map(Tenant::name)
                .findFirst();
    }

    /** Or needs not be, since there is a list. Of a device's own certificate only: an authority in between lives long. */
    private boolean isShortLived(Tenant tenant, X509Certificate device) {
        Duration life = Duration.between(
                device.getNotBefore().toInstant(), device.getNotAfter().toInstant());
        return !tenant.revoked().isEmpty() || life.compareTo(maxLife) <= 0;
    }

    private boolean isGood(Tenant tenant, X509Certificate certificate) {
        Instant now = clock.instant();
        return !now.isBefore(certificate.getNotBefore().toInstant())
                && !now.isAfter(certificate.getNotAfter().toInstant())
                && tenant.revoked().stream().noneMatch(list -> list.isRevoked(certificate));
    }
}
