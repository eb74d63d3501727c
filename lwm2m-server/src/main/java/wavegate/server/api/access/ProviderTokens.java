package wavegate.server.api.access;

import com.nimbusds.jose.JOSEException;
import com.nimbusds.jose.JOSEObjectType;
import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jose.JWSHeader;
import com.nimbusds.jose.JWSVerifier;
import com.nimbusds.jose.crypto.ECDSAVerifier;
import com.nimbusds.jose.crypto.RSASSAVerifier;
import com.nimbusds.jose.jwk.Curve;
import com.nimbusds.jose.jwk.ECKey;
import com.nimbusds.jose.jwk.JWK;
import com.nimbusds.jose.jwk.JWKMatcher;
import com.nimbusds.jose.jwk.JWKSelector;
import com.nimbusds.jose.jwk.JWKSet;
import com.nimbusds.jose.jwk.OctetKeyPair;
import com.nimbusds.jose.jwk.RSAKey;
import com.nimbusds.jose.proc.BadJOSEException;
import com.nimbusds.jose.proc.DefaultJOSEObjectTypeVerifier;
import com.nimbusds.jose.proc.JWSVerifierFactory;
import com.nimbusds.jose.proc.SecurityContext;
import com.nimbusds.jwt.JWTClaimsSet;
import com.nimbusds.jwt.SignedJWT;
import com.nimbusds.jwt.proc.DefaultJWTClaimsVerifier;
import com.nimbusds.jwt.proc.DefaultJWTProcessor;
import java.security.GeneralSecurityException;
import java.security.Key;
import java.security.KeyFactory;
import java.security.PublicKey;
import java.security.interfaces.ECPublicKey;
import java.security.interfaces.RSAPublicKey;
import java.security.spec.X509EncodedKeySpec;
import java.text.ParseException;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Date;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import wavegate.config.OidcSettings;
import wavegate.firmware.pkg.Sha256;

/**
 * Tokens (JWT) of an identity provider, checked by the library: signature with one of the provider's keys under one of the configured
 * algorithms, which are all asymmetric; issuer, audience, expiry. What was checked is remembered for as long as the keys are.
 */
final class ProviderTokens {
    private static final int LONGEST = 8192;
    private static final int MOST_REMEMBERED = 1000;
    private static final int MOST_KEYS_TRIED = 4;
    private static final int LEAST_RSA_BITS = 2048;
    /** What stands before the 32 bytes of an Ed25519 key in its X.509 form. */
    private static final byte[] ED25519_PREFIX = HexFormat.of().parseHex("302a300506032b6570032100");

    private final OidcSettings settings;
    private final InstantSource clock;
    private final KeySet keys;
    private final Set<JWSAlgorithm> algorithms;
    private final Map<String, String> roles;
    private final DefaultJWTProcessor<Search> processor = new DefaultJWTProcessor<>();
    private final Map<String, Remembered> remembered = new LinkedHashMap<>(16, 0.75f, true) {
        @Override
        protected boolean removeEldestEntry(Map.Entry<String, Remembered> eldest) {
            return size() > MOST_REMEMBERED;
        }
    };

    private record Remembered(Caller caller, Instant until) {}

    ProviderTokens(OidcSettings settings, InstantSource clock) {
        this.settings = settings;
        this.clock = clock;
        this.keys = new KeySet(settings, clock);
        this.algorithms =
                settings.algorithmNames().stream().map(JWSAlgorithm::parse).collect(Collectors.toUnmodifiableSet());
        this.roles = settings.roleOf();
        processor.setJWSTypeVerifier(
                new DefaultJOSEObjectTypeVerifier<>(JOSEObjectType.JWT, new JOSEObjectType("at+jwt"), null));
        processor.setJWSKeySelector((header, search) -> candidates(header, search));
        processor.setJWSVerifierFactory(new Verifiers(algorithms));
        processor.setJWTClaimsSetVerifier(claims());
    }

    private DefaultJWTClaimsVerifier<Search> claims() {
        DefaultJWTClaimsVerifier<Search> verifier =
                new DefaultJWTClaimsVerifier<>(
                        settings.audience(),
                        new JWTClaimsSet.Builder().issuer(settings.issuer()).build(),
                        Set.of("sub", "exp")) {
                    @Override
                    protected Date currentTime() {
                        return Date.from(clock.instant());
                    }
                };
        verifier.setMaxClockSkew((int) settings.leeway().toSeconds());
        return verifier;
    }

    static boolean looksLikeOne(String token) {
        return token.startsWith("ey")
                && token.length() <= LONGEST
                && token.chars().filter(c -> c == '.').count() == 2;
    }

    /** A caller who was checked a moment ago. Never blocks. */
    Optional<Caller> remembered(String token) {
        synchronized (remembered) {
            return Optional.ofNullable(remembered.get(key(token)))
                    .filter(known -> clock.instant().isBefore(known.until()))
                    .map(Remembered::caller);
        }
    }

    /** For one check: where keys are looked for. */
    private static final class Search implements SecurityContext {
        private final boolean mayWait;
        private boolean inVain;

        Search(boolean mayWait) {
            this.mayWait = mayWait;
        }
    }

    /** By the keys that are here; empty if it takes others, or newer ones. Never waits for the provider. */
    Optional<Checked> checkWithoutWaiting(String token) {
        Search search = new Search(false);
        Checked checked = check(token, search);
        return search.inVain ? Optional.empty() : Optional.of(checked);
    }

    /** May wait for the provider's keys. */
    Checked check(String token) {
        return check(token, new Search(true));
    }

    private Checked check(String token, Search search) {
        try {
            JWTClaimsSet claims = processor.process(SignedJWT.parse(token), search);
            Optional<Role> role = role(claims);
            if (role.isEmpty()) {
                return Checked.refused("token: its claim " + settings.roleClaim()
                        + " names no role (expected: one of those in http.oidc.roles)");
            }
            Instant until = claims.getExpirationTime().toInstant().plus(settings.leeway());
            Caller caller = new Caller("oidc:" + subject(claims), role.get(), until);
            remember(token, caller);
            return Checked.admitted(caller);
        } catch (ParseException | BadJOSEException | JOSEException | RuntimeException e) {
            return Checked.refused("token: not a good one of the identity provider");
        }
    }

    private void remember(String token, Caller caller) {
        Instant again = clock.instant().plus(settings.refresh());
        synchronized (remembered) {
            remembered.put(key(token), new Remembered(caller, again.isBefore(caller.until()) ? again : caller.until()));
        }
    }

    private static String key(String token) {
        return Sha256.of(token.getBytes(java.nio.charset.StandardCharsets.UTF_8))
                .hex();
    }

    private static String subject(JWTClaimsSet claims) {
        String subject = claims.getSubject();
        String head = subject.length() > 64 ? subject.substring(0, 64) : subject;
        return head.replaceAll("[^\\x21-\\x7e]", "?");
    }

    private Optional<Role> role(JWTClaimsSet claims) {
        Object value = claims.getClaims();
        for (String step : settings.roleClaim().split("\\.", -1)) {
            value = value instanceof Map<?, ?> object ? object.get(step) : null;
        }
        List<?> names = value instanceof List<?> list ? list : value == null ? List.of() : List.of(value);
        return names.stream()
                .map(name -> roles.get(String.valueOf(name)))
                .flatMap(label -> label == null ? java.util.stream.Stream.empty() : Role.of(label).stream())
                .max(Role::compareTo);
    }

    /** Keys that may have signed this; only such as are strong enough and of the kind the algorithm wants. */
    private List<Key> candidates(JWSHeader header, Search search) {
        if (!algorithms.contains(header.getAlgorithm())) {
            return List.of();
        }
        if (!search.mayWait) {
            List<Key> here = keys.here().map(set -> matching(header, set)).orElse(List.of());
            search.inVain = here.isEmpty();
            return here;
        }
        List<Key> found = matching(header, keys.current());
        return found.isEmpty() ? matching(header, keys.again()) : found;
    }

    private static List<Key> matching(JWSHeader header, JWKSet set) {
        List<Key> found = new ArrayList<>();
        for (JWK key : new JWKSelector(JWKMatcher.forJWSHeader(header)).select(set)) {
            if (found.size() < MOST_KEYS_TRIED) {
                usable(key).ifPresent(found::add);
            }
        }
        return found;
    }

    private static Optional<PublicKey> usable(JWK key) {
        try {
            if (key instanceof RSAKey rsa && rsa.size() >= LEAST_RSA_BITS) {
                return Optional.of(rsa.toRSAPublicKey());
            }
            if (key instanceof ECKey ec && ec.getCurve().equals(Curve.P_256)) {
                return Optional.of(ec.toECPublicKey());
            }
            if (key instanceof OctetKeyPair octet && octet.getCurve().equals(Curve.Ed25519)) {
                byte[] x = octet.getX().decode();
                byte[] encoded = java.util.Arrays.copyOf(ED25519_PREFIX, ED25519_PREFIX.length + x.length);
                System.arraycopy(x, 0, encoded, ED25519_PREFIX.length, x.length);
                return Optional.of(KeyFactory.getInstance("Ed25519").generatePublic(new X509EncodedKeySpec(encoded)));
            }
            return Optional.empty();
        } catch (JOSEException | GeneralSecurityException e) {
            return Optional.empty();
        }
    }

    /** A verifier by the kind of the key, so that no header can make one key serve another algorithm. */
    private static final class Verifiers implements JWSVerifierFactory {
        private final com.nimbusds.jose.jca.JCAContext context = new com.nimbusds.jose.jca.JCAContext();
        private final Set<JWSAlgorithm> algorithms;

        Verifiers(Set<JWSAlgorithm> algorithms) {
            this.algorithms = algorithms;
        }

        @Override
        public JWSVerifier createJWSVerifier(JWSHeader header, Key key) throws JOSEException {
            if (key instanceof RSAPublicKey rsa && header.getAlgorithm().equals(JWSAlgorithm.RS256)) {
                return new RSASSAVerifier(rsa);
            }
            if (key instanceof ECPublicKey ec && header.getAlgorithm().equals(JWSAlgorithm.ES256)) {
                return new ECDSAVerifier(ec);
            }
            if (key instanceof PublicKey ed && header.getAlgorithm().equals(JWSAlgorithm.EdDSA)) {
                return new Ed25519Verifier(ed);
            }
            throw new JOSEException("no verifier of " + header.getAlgorithm() + " for a key of " + key.getAlgorithm());
        }

        @Override
        public Set<JWSAlgorithm> supportedJWSAlgorithms() {
            return algorithms;
        }

        @Override
        public com.nimbusds.jose.jca.JCAContext getJCAContext() {
            return context;
        }
    }
}
