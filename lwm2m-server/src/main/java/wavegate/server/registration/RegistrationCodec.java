package wavegate.server.registration;

import java.io.ByteArrayInputStream;
import java.io.DataInputStream;
import java.io.IOException;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Base64;
import java.util.Date;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.Map;
import java.util.Optional;
import org.eclipse.leshan.core.LwM2m.LwM2mVersion;
import org.eclipse.leshan.core.link.DefaultLinkSerializer;
import org.eclipse.leshan.core.link.Link;
import org.eclipse.leshan.core.link.LinkParseException;
import org.eclipse.leshan.core.link.LinkSerializer;
import org.eclipse.leshan.core.peer.IpPeer;
import org.eclipse.leshan.core.peer.LwM2mIdentity;
import org.eclipse.leshan.core.peer.OscoreIdentity;
import org.eclipse.leshan.core.peer.PskIdentity;
import org.eclipse.leshan.core.peer.RpkIdentity;
import org.eclipse.leshan.core.request.BindingMode;
import org.eclipse.leshan.server.registration.Registration;
import org.eclipse.leshan.server.registration.RegistrationDataExtractor.RegistrationData;
import org.jspecify.annotations.Nullable;
import wavegate.bootstrap.credential.Credential;

/**
 * A registration as bytes. What follows from the object list is not written but taken from the list again, and shared among registrations that
 * have the same one. One thread at a time.
 */
final class RegistrationCodec {
    private static final int REMEMBERED = 256;

    private final LinkSerializer serializer = new DefaultLinkSerializer();
    private final InterningLinkParser parser;
    private final InterningDataExtractor extractor = new InterningDataExtractor();
    private final LruCache<LwM2mVersion, String> versions = new LruCache<>(REMEMBERED);
    private final LruCache<ListKey, byte[]> texts = new LruCache<>(REMEMBERED);

    /** Lists are interned where they are parsed, so the array is the key. */
    private record ListKey(Link[] links) {
        @Override
        public boolean equals(Object other) {
            return other instanceof ListKey key && key.links == links;
        }

        @Override
        public int hashCode() {
            return System.identityHashCode(links);
        }

        @Override
        public String toString() {
            return links.length + " links";
        }
    }

    RegistrationCodec(int maxLinks) {
        parser = new InterningLinkParser(maxLinks);
    }

    /**
     * Writes a registration; what is written is between the buffer's position before and after.
     *
     * @throws java.nio.BufferOverflowException if it is longer than what remains
     */
    void encode(Registration registration, ByteBuffer out) throws IOException {
        LwM2mIdentity identity = registration.getClientTransportData().getIdentity();
        writeText(out, registration.getId());
        writeText(out, registration.getEndpoint());
        writeAddress(out, registration.getSocketAddress());
        writeOptional(out, shown(identity));
        writeText(out, registration.getLastEndpointUsed().toString());
        out.putLong(registration.getRegistrationDate().toInstant().toEpochMilli());
        out.putLong(registration.getLastUpdate().toInstant().toEpochMilli());
        out.putLong(registration.getLifeTimeInSec());
        writeText(out, BindingMode.toString(registration.getBindingMode()));
        Boolean queueMode = registration.getQueueMode();
        out.put((byte) (queueMode == null ? -1 : queueMode ? 1 : 0));
        writeText(out, text(registration.getLwM2mVersion()));
        writeOptional(out, registration.getSmsNumber());
        writeLinks(out, registration.getObjectLinks());
        Map<String, String> attributes = registration.getAdditionalRegistrationAttributes();
        out.putShort((short) attributes.size());
        for (Map.Entry<String, String> attribute : attributes.entrySet()) {
            writeText(out, attribute.getKey());
            writeOptional(out, attribute.getValue());
        }
    }

    /** A letter for its kind before what a device proved itself by; null without DTLS. */
    private static @Nullable String shown(LwM2mIdentity identity) {
        if (identity instanceof PskIdentity psk) {
            return "p" + psk.getPskIdentity();
        }
        if (identity instanceof RpkIdentity rpk) {
            return "r" + Base64.getEncoder().encodeToString(rpk.getPublicKey().getEncoded());
        }
        if (identity instanceof OscoreIdentity oscore) {
            return "o" + HexFormat.of().formatHex(oscore.getRecipientId());
        }
        return identity instanceof CertificateIdentity certificate
                ? "x" + certificate.fingerprint() + certificate.getX509CommonName()
                : null;
    }

    private static LwM2mIdentity identity(String shown) {
        String what = shown.substring(1);
        return switch (shown.charAt(0)) {
            case 'p' -> new PskIdentity(what);
            case 'r' ->
                new RpkIdentity(Credential.Rpk.ofDer("-", Base64.getDecoder().decode(what))
                        .key());
            case 'o' -> new OscoreIdentity(HexFormat.of().parseHex(what));
            case 'x' ->
                new CertificateIdentity(
                        what.substring(CertificateIdentity.FINGERPRINT_LENGTH),
                        what.substring(0, CertificateIdentity.FINGERPRINT_LENGTH));
            default -> throw new IllegalArgumentException("identity of kind " + shown.charAt(0));
        };
    }

    /** @throws IOException if these are not the bytes of a registration */
    Registration decode(byte[] bytes) throws IOException {
        try (DataInputStream in = new DataInputStream(new ByteArrayInputStream(bytes))) {
            return decode(in);
        } catch (RuntimeException | LinkParseException e) {
            throw new IOException("not a registration: " + e.getMessage(), e);
        }
    }

    /** Whose registration these bytes are, which cannot be decoded; empty if not even that can be told. */
    Optional<String> endpointOf(byte[] bytes) {
        try (DataInputStream in = new DataInputStream(new ByteArrayInputStream(bytes))) {
            readText(in);
            return Optional.of(readText(in));
        } catch (IOException e) {
            return Optional.empty();
        }
    }

    private Registration decode(DataInputStream in) throws IOException, LinkParseException {
        String id = readText(in);
        String endpoint = readText(in);
        InetSocketAddress address = readAddress(in);
        String shown = readOptional(in);
        IpPeer peer = shown == null ? new IpPeer(address) : new IpPeer(address, identity(shown));
        Registration.Builder builder = new Registration.Builder(id, endpoint, peer, URI.create(readText(in)))
                .registrationDate(Date.from(Instant.ofEpochMilli(in.readLong())))
                .lastUpdate(Date.from(Instant.ofEpochMilli(in.readLong())))
                .lifeTimeInSec(in.readLong())
                .bindingMode(BindingMode.parse(readText(in)));
        byte queueMode = in.readByte();
        if (queueMode >= 0) {
            builder.queueMode(queueMode == 1);
        }
        LwM2mVersion version = LwM2mVersion.get(readText(in));
        builder.lwM2mVersion(version);
        String smsNumber = readOptional(in);
        if (smsNumber != null) {
            builder.smsNumber(smsNumber);
        }
        int length = in.readInt();
        if (length >= 0) {
            Link[] links = parser.parseCoreLinkFormat(in.readNBytes(length));
            RegistrationData data = extractor.extractDataFromObjectLinks(links, version);
            builder.objectLinks(links)
                    .rootPath(data.getAlternatePath())
                    .supportedContentFormats(data.getSupportedContentFormats())
                    .supportedObjects(data.getSupportedObjects())
                    .availableInstances(data.getAvailableInstances());
        }
        Map<String, String> attributes = new HashMap<>();
        for (int left = in.readUnsignedShort(); left > 0; left--) {
            String name = readText(in);
            attributes.put(name, readOptional(in));
        }
        return builder.additionalRegistrationAttributes(attributes).build();
    }

    /** It formats itself anew each time it is asked. */
    private String text(LwM2mVersion version) {
        String text = versions.get(version);
        if (text == null) {
            text = version.toString();
            versions.put(version, text);
        }
        return text;
    }

    private void writeLinks(ByteBuffer out, Link @Nullable [] links) {
        if (links == null) {
            out.putInt(-1);
            return;
        }
        ListKey key = new ListKey(links);
        byte[] text = texts.get(key);
        if (text == null) {
            text = serializer.serializeCoreLinkFormat(links).getBytes(StandardCharsets.UTF_8);
            texts.put(key, text);
        }
        out.putInt(text.length);
        out.put(text);
    }

    private static void writeAddress(ByteBuffer out, InetSocketAddress address) {
        byte[] raw = address.getAddress().getAddress();
        out.put((byte) raw.length);
        out.put(raw);
        out.putInt(address.getAddress() instanceof Inet6Address v6 ? v6.getScopeId() : 0);
        out.putInt(address.getPort());
    }

    private static InetSocketAddress readAddress(DataInputStream in) throws IOException {
        byte[] raw = in.readNBytes(in.readUnsignedByte());
        int scope = in.readInt();
        InetAddress address = scope == 0 ? InetAddress.getByAddress(raw) : Inet6Address.getByAddress(null, raw, scope);
        return new InetSocketAddress(address, in.readInt());
    }

    private static void writeOptional(ByteBuffer out, @Nullable String text) throws IOException {
        out.put((byte) (text == null ? 0 : 1));
        if (text != null) {
            writeText(out, text);
        }
    }

    private static @Nullable String readOptional(DataInputStream in) throws IOException {
        return in.readBoolean() ? readText(in) : null;
    }

    private static void writeText(ByteBuffer out, String text) throws IOException {
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        if (bytes.length > 0xffff) {
            throw new IOException("text of a registration: " + bytes.length + " bytes (expected: at most 65535)");
        }
        out.putShort((short) bytes.length);
        out.put(bytes);
    }

    private static String readText(DataInputStream in) throws IOException {
        byte[] bytes = new byte[in.readUnsignedShort()];
        in.readFully(bytes);
        return new String(bytes, StandardCharsets.UTF_8);
    }
}
