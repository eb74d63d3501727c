package wavegate.server.registration;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Date;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import org.eclipse.leshan.core.LwM2m.LwM2mVersion;
import org.eclipse.leshan.core.link.DefaultLinkSerializer;
import org.eclipse.leshan.core.link.Link;
import org.eclipse.leshan.core.link.LinkParseException;
import org.eclipse.leshan.core.link.LinkSerializer;
import org.eclipse.leshan.core.peer.IpPeer;
import org.eclipse.leshan.core.peer.LwM2mIdentity;
import org.eclipse.leshan.core.peer.PskIdentity;
import org.eclipse.leshan.core.peer.SocketIdentity;
import org.eclipse.leshan.core.request.BindingMode;
import org.eclipse.leshan.server.registration.Registration;
import org.eclipse.leshan.server.registration.RegistrationDataExtractor.RegistrationData;
import org.jspecify.annotations.Nullable;

/**
 * A registration as bytes. What follows from the object list is not written but taken from the list again, and shared among registrations that
 * have the same one. One thread at a time.
 */
final class RegistrationCodec {
    private static final int REMEMBERED_LISTS = 256;

    private final LinkSerializer serializer = new DefaultLinkSerializer();
    private final InterningLinkParser parser;
    private final InterningDataExtractor extractor = new InterningDataExtractor();
    private final LruCache<ListKey, byte[]> texts = new LruCache<>(REMEMBERED_LISTS);

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

    /** Empty for a registration whose peer is neither NoSec nor PSK. */
    Optional<byte[]> encode(Registration registration) throws IOException {
        LwM2mIdentity identity = registration.getClientTransportData().getIdentity();
        if (!(identity instanceof PskIdentity) && !(identity instanceof SocketIdentity)) {
            return Optional.empty();
        }
        ByteArrayOutputStream bytes = new ByteArrayOutputStream(384);
        DataOutputStream out = new DataOutputStream(bytes);
        out.writeUTF(registration.getId());
        out.writeUTF(registration.getEndpoint());
        writeAddress(out, registration.getSocketAddress());
        writeOptional(out, identity instanceof PskIdentity psk ? psk.getPskIdentity() : null);
        out.writeUTF(registration.getLastEndpointUsed().toString());
        out.writeLong(registration.getRegistrationDate().toInstant().toEpochMilli());
        out.writeLong(registration.getLastUpdate().toInstant().toEpochMilli());
        out.writeLong(registration.getLifeTimeInSec());
        out.writeUTF(BindingMode.toString(registration.getBindingMode()));
        Boolean queueMode = registration.getQueueMode();
        out.writeByte(queueMode == null ? -1 : queueMode ? 1 : 0);
        out.writeUTF(registration.getLwM2mVersion().toString());
        writeOptional(out, registration.getSmsNumber());
        writeLinks(out, registration.getObjectLinks());
        Map<String, String> attributes = registration.getAdditionalRegistrationAttributes();
        out.writeShort(attributes.size());
        for (Map.Entry<String, String> attribute : attributes.entrySet()) {
            out.writeUTF(attribute.getKey());
            writeOptional(out, attribute.getValue());
        }
        return Optional.of(bytes.toByteArray());
    }

    /** @throws IOException if these are not the bytes of a registration */
    Registration decode(byte[] bytes) throws IOException {
        try (DataInputStream in = new DataInputStream(new ByteArrayInputStream(bytes))) {
            return decode(in);
        } catch (RuntimeException | LinkParseException e) {
            throw new IOException("not a registration: " + e.getMessage(), e);
        }
    }

    private Registration decode(DataInputStream in) throws IOException, LinkParseException {
        String id = in.readUTF();
        String endpoint = in.readUTF();
        InetSocketAddress address = readAddress(in);
        String psk = readOptional(in);
        IpPeer peer = psk == null ? new IpPeer(address) : new IpPeer(address, new PskIdentity(psk));
        Registration.Builder builder = new Registration.Builder(id, endpoint, peer, URI.create(in.readUTF()))
                .registrationDate(Date.from(Instant.ofEpochMilli(in.readLong())))
                .lastUpdate(Date.from(Instant.ofEpochMilli(in.readLong())))
                .lifeTimeInSec(in.readLong())
                .bindingMode(BindingMode.parse(in.readUTF()));
        byte queueMode = in.readByte();
        if (queueMode >= 0) {
            builder.queueMode(queueMode == 1);
        }
        LwM2mVersion version = LwM2mVersion.get(in.readUTF());
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
            String name = in.readUTF();
            attributes.put(name, readOptional(in));
        }
        return builder.additionalRegistrationAttributes(attributes).build();
    }

    private void writeLinks(DataOutputStream out, Link @Nullable [] links) throws IOException {
        if (links == null) {
            out.writeInt(-1);
            return;
        }
        ListKey key = new ListKey(links);
        byte[] text = texts.get(key);
        if (text == null) {
            text = serializer.serializeCoreLinkFormat(links).getBytes(StandardCharsets.UTF_8);
            texts.put(key, text);
        }
        out.writeInt(text.length);
        out.write(text);
    }

    private static void writeAddress(DataOutputStream out, InetSocketAddress address) throws IOException {
        byte[] raw = address.getAddress().getAddress();
        out.writeByte(raw.length);
        out.write(raw);
        out.writeInt(address.getAddress() instanceof Inet6Address v6 ? v6.getScopeId() : 0);
        out.writeInt(address.getPort());
    }

    private static InetSocketAddress readAddress(DataInputStream in) throws IOException {
        byte[] raw = in.readNBytes(in.readUnsignedByte());
        int scope = in.readInt();
        InetAddress address = scope == 0 ? InetAddress.getByAddress(raw) : Inet6Address.getByAddress(null, raw, scope);
        return new InetSocketAddress(address, in.readInt());
    }

    private static void writeOptional(DataOutputStream out, @Nullable String text) throws IOException {
        out.writeBoolean(text != null);
        if (text != null) {
            out.writeUTF(text);
        }
    }

    private static @Nullable String readOptional(DataInputStream in) throws IOException {
        return in.readBoolean() ? in.readUTF() : null;
    }
}
