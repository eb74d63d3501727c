package wavegate.server.artifact;

import com.upokecenter.cbor.CBORObject;
import com.upokecenter.cbor.CBORType;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import wavegate.firmware.pkg.Sha256;

/**
 * A SUIT envelope, taken apart: tag 107, its authentication block, and of its manifest what a server can judge. Source: SUIT manifest,
 * draft-ietf-suit-manifest, still a draft; one digest algorithm, SHA-256, which is the one every implementation must have.
 *
 * @param digest SUIT_Digest of the manifest as it stands in the authentication block: what the signatures are over, detached
 * @param sequence only grows; a device refuses a lower one than it has seen
 * @param vendorId parameter of the vendor condition, if the manifest states that condition
 * @param images what the manifest says the components are, each by digest and size
 * @param payloads what the envelope brings along, by key
 */
record SuitEnvelope(
        byte[] digest,
        List<Signed> signatures,
        long sequence,
        Optional<UUID> vendorId,
        Optional<UUID> classId,
        List<Image> images,
        Map<String, byte[]> payloads) {
    /** A COSE_Sign1 without its payload. {@code algorithm} is the COSE number in its protected header. */
    record Signed(byte[] protectedHeader, int algorithm, byte[] signature) {
        /** The Sig_structure: what is really signed. RFC 9052 4.4. */
        byte[] message(byte[] payload) {
            return CBORObject.NewArray()
                    .Add("Signature1")
                    .Add(protectedHeader)
                    .Add(new byte[0])
                    .Add(payload)
                    .EncodeToBytes();
        }
    }

    /** A component's image; the URI it is fetched from, empty if none is named. */
    record Image(Sha256 sha256, long sizeBytes, String uri) {}

    static final int LONGEST = 16 << 20;
    private static final int TAG = 107;
    private static final int SIGN1_TAG = 18;
    private static final int SHA256 = -16;
    private static final int AUTHENTICATION = 2;
    private static final int MANIFEST = 3;
    private static final int COMMON = 3;
    private static final int SHARED_SEQUENCE = 4;
    private static final List<Integer> SEQUENCES = List.of(7, 8, 9, 16, 20);
    private static final int VENDOR_CONDITION = 1;
    private static final int CLASS_CONDITION = 2;
    private static final int TRY_EACH = 15;
    private static final int SET_PARAMETERS = 19;
    private static final int OVERRIDE_PARAMETERS = 20;
    private static final int RUN_SEQUENCE = 32;
    private static final int VENDOR_ID = 1;
    private static final int CLASS_ID = 2;
    private static final int IMAGE_DIGEST = 3;
    private static final int IMAGE_SIZE = 14;
    private static final int URI = 21;
    private static final int DEEPEST = 4;

    /** Whether an image begins as one of these. */
    static boolean begins(ImageBytes image) throws IOException {
        return image.sizeBytes() >= 2 && Arrays.equals(image.read(0, 2), new byte[] {(byte) 0xD8, TAG});
    }

    /**
     * @throws MalformedImage if it is none, or holds what this server does not understand
     * @throws IOException if reading fails
     */
    static SuitEnvelope parse(ImageBytes image) throws MalformedImage, IOException {
        if (image.sizeBytes() > LONGEST) {
            throw new MalformedImage("of " + image.sizeBytes() + " bytes (expected: at most " + LONGEST + ")");
        }
        byte[] bytes = image.read(0, (int) image.sizeBytes());
        try {
            return parse(CBORObject.DecodeFromBytes(bytes));
        } catch (RuntimeException e) {
            // The library says in a dozen ways that bytes are not CBOR, or an item not of the type asked for.
            throw new MalformedImage("not as the draft has it: " + e.getMessage());
        }
    }

    private static SuitEnvelope parse(CBORObject envelope) throws MalformedImage {
        if (!envelope.HasMostOuterTag(TAG) || envelope.getType() != CBORType.Map) {
            throw new MalformedImage("no map with tag 107");
        }
        byte[] manifestBytes = bytes(envelope, MANIFEST, "manifest");
        List<CBORObject> authentication =
                new ArrayList<>(CBORObject.DecodeFromBytes(bytes(envelope, AUTHENTICATION, "authentication wrapper"))
                        .getValues());
        if (authentication.size() < 2) {
            throw new MalformedImage("not signed");
        }
        byte[] digest = authentication.get(0).GetByteString();
        Sha256 said = sha256(CBORObject.DecodeFromBytes(digest));
        Sha256 found = Sha256.of(CBORObject.FromObject(manifestBytes).EncodeToBytes());
        if (!found.equals(said)) {
            throw new MalformedImage("its manifest hashes to " + found + " (expected: " + said + ")");
        }
        List<Signed> signatures = new ArrayList<>();
        for (CBORObject each : authentication.subList(1, authentication.size())) {
            signatures.add(signed(CBORObject.DecodeFromBytes(each.GetByteString())));
        }
        CBORObject manifest = CBORObject.DecodeFromBytes(manifestBytes);
        if (number(manifest, 1, "manifest version") != 1) {
            throw new MalformedImage("manifest version " + number(manifest, 1, "manifest version") + " (expected: 1)");
        }
        CBORObject common = CBORObject.DecodeFromBytes(bytes(manifest, COMMON, "common"));
        Conditions conditions = new Conditions();
        conditions.shared(CBORObject.DecodeFromBytes(bytes(common, SHARED_SEQUENCE, "shared sequence")));
        for (int section : SEQUENCES) {
            CBORObject at = manifest.ContainsKey(CBORObject.FromObject(section)) ? manifest.get(section) : null;
            if (at == null && envelope.ContainsKey(CBORObject.FromObject(section))) {
                throw new MalformedImage("section " + section + " is severed from the manifest (expected: inside)");
            }
            if (at != null && at.getType() == CBORType.ByteString) {
                conditions.follow(CBORObject.DecodeFromBytes(at.GetByteString()), 0);
            } else if (at != null) {
                throw new MalformedImage("section " + section + " is severed from the manifest (expected: inside)");
            }
        }
        return new SuitEnvelope(
                digest,
                signatures,
                number(manifest, 2, "sequence number"),
                conditions.vendor(),
                conditions.classId(),
                conditions.images,
                payloads(envelope));
    }

    private static Signed signed(CBORObject sign1) throws MalformedImage {
        if (!sign1.HasMostOuterTag(SIGN1_TAG) || sign1.size() != 4) {
            throw new MalformedImage("an authentication block that is no COSE_Sign1 (expected: tag 18, four items)");
        }
        byte[] head = sign1.get(0).GetByteString();
        CBORObject header = CBORObject.DecodeFromBytes(head);
        if (header.ContainsKey(CBORObject.FromObject(2))) {
            throw new MalformedImage("a COSE_Sign1 with critical headers (expected: none)");
        }
        if (!sign1.get(2).isNull()) {
            throw new MalformedImage("a COSE_Sign1 that brings its payload (expected: detached)");
        }
        return new Signed(
                head, (int) number(header, 1, "COSE algorithm"), sign1.get(3).GetByteString());
    }

    private static Map<String, byte[]> payloads(CBORObject envelope) {
        Map<String, byte[]> payloads = new HashMap<>();
        for (CBORObject key : envelope.getKeys()) {
            if (key.getType() == CBORType.TextString) {
                payloads.put(key.AsString(), envelope.get(key).GetByteString());
            }
        }
        return payloads;
    }

    private static byte[] bytes(CBORObject map, int key, String what) throws MalformedImage {
        CBORObject value = map.get(CBORObject.FromObject(key));
        if (value == null || value.getType() != CBORType.ByteString) {
            throw new MalformedImage(what + " is missing (expected: byte string under " + key + ")");
        }
        return value.GetByteString();
    }

    private static long number(CBORObject map, int key, String what) throws MalformedImage {
        CBORObject value = map.get(CBORObject.FromObject(key));
        if (value == null
                || !value.isNumber()
                || !value.AsNumber().CanFitInInt64()
                || !value.AsNumber().IsInteger()) {
            throw new MalformedImage(what + " is missing (expected: whole number under " + key + ")");
        }
        return value.AsNumber().ToInt64Checked();
    }

    private static Sha256 sha256(CBORObject digest) throws MalformedImage {
        if (digest.size() != 2
                || digest.get(0).AsInt32() != SHA256
                || digest.get(1).GetByteString().length != 32) {
            throw new MalformedImage("a digest other than SHA-256 (expected: [-16, 32 bytes])");
        }
        return Sha256.ofDigest(digest.get(1).GetByteString());
    }

    /** What the command sequences state, followed in order. */
    private static final class Conditions {
        private final Map<Integer, CBORObject> parameters = new HashMap<>();
        private final List<Image> images = new ArrayList<>();
        private boolean vendorAsked;
        private boolean classAsked;

        void shared(CBORObject sequence) throws MalformedImage {
            follow(sequence, 0);
        }

        void follow(CBORObject sequence, int depth) throws MalformedImage {
            if (depth > DEEPEST) {
                throw new MalformedImage("command sequences deeper than " + DEEPEST);
            }
            List<CBORObject> items = new ArrayList<>(sequence.getValues());
            if (items.size() % 2 != 0) {
                throw new MalformedImage("a command without an argument");
            }
            for (int i = 0; i < items.size(); i += 2) {
                command(items.get(i).AsInt32(), items.get(i + 1), depth);
            }
        }

        private void command(int command, CBORObject argument, int depth) throws MalformedImage {
            switch (command) {
                case VENDOR_CONDITION -> vendorAsked = true;
                case CLASS_CONDITION -> classAsked = true;
                case SET_PARAMETERS, OVERRIDE_PARAMETERS -> set(argument);
                case TRY_EACH -> {
                    for (CBORObject each : argument.getValues()) {
                        if (!each.isNull()) {
                            follow(CBORObject.DecodeFromBytes(each.GetByteString()), depth + 1);
                        }
                    }
                }
                case RUN_SEQUENCE -> follow(CBORObject.DecodeFromBytes(argument.GetByteString()), depth + 1);
                default -> {
                    // What a device does with its components is not for a server to judge.
                }
            }
        }

        private void set(CBORObject argument) throws MalformedImage {
            for (CBORObject key : argument.getKeys()) {
                parameters.put(key.AsInt32(), argument.get(key));
            }
            CBORObject digest = argument.get(CBORObject.FromObject(IMAGE_DIGEST));
            if (digest != null) {
                CBORObject uri = parameters.get(URI);
                images.add(new Image(
                        sha256(CBORObject.DecodeFromBytes(digest.GetByteString())),
                        number(argument, IMAGE_SIZE, "image size"),
                        uri == null ? "" : uri.AsString()));
                return;
            }
            CBORObject uri = argument.get(CBORObject.FromObject(URI));
            if (uri != null && !images.isEmpty()) {
                Image last = images.remove(images.size() - 1);
                images.add(new Image(last.sha256(), last.sizeBytes(), uri.AsString()));
            }
        }

        Optional<UUID> vendor() throws MalformedImage {
            return vendorAsked ? Optional.of(id(VENDOR_ID, "vendor")) : Optional.empty();
        }

        Optional<UUID> classId() throws MalformedImage {
            return classAsked ? Optional.of(id(CLASS_ID, "class")) : Optional.empty();
        }

        private UUID id(int parameter, String what) throws MalformedImage {
            CBORObject value = parameters.get(parameter);
            if (value == null || value.GetByteString().length != 16) {
                throw new MalformedImage(what + " condition without an identifier (expected: 16 bytes)");
            }
            ByteBuffer bytes = ByteBuffer.wrap(value.GetByteString());
            return new UUID(bytes.getLong(), bytes.getLong());
        }
    }
}
