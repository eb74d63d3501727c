package wavegate.server.ledger;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.Optional;
import wavegate.firmware.device.Endpoint;
import wavegate.firmware.event.Fact;
import wavegate.firmware.pkg.Sha256;
import wavegate.server.rollout.LedgerFailure;

/**
 * What a ledger says of one device, with proof that it says so: a JSON object with a signed checkpoint, every record about the device up to it, byte
 * for byte, and of each the audit path to the checkpoint's root. It proves that the records are in the ledger as it was signed; that there are
 * no others it cannot prove.
 */
public final class DeviceProof {
    private static final String FORMAT = "wavegate-ledger-proof-1";
    private static final ObjectMapper JSON = new ObjectMapper();

    private DeviceProof() {}

    /** What a proof was found to show. */
    public record Shown(Endpoint endpoint, Checkpoint checkpoint, List<Line> lines) {
        /** One fact, as JSON. */
        public record Line(long sequence, String fact) {}
    }

    /**
     * Goes over the whole ledger once.
     *
     * @param key signs the checkpoint, of the ledger as it is now
     * @throws LedgerFailure if the ledger is not sound, or does not reach to its beginning
     */
    public static String prove(Path ledger, Optional<Path> archive, Endpoint endpoint, CheckpointKey key, Instant now)
            throws IOException {
        LedgerFiles files = new LedgerFiles(ledger, archive);
        LedgerScan.Result end = LedgerScan.of(files, newestSnapshot(ledger), Optional.empty())
                .orElseThrow(() -> new LedgerFailure("no ledger in " + ledger));
        MerkleProofs proofs = new MerkleProofs();
        List<byte[]> records = new ArrayList<>();
        FactCodec codec = new FactCodec();
        byte[] name = ("\"" + endpoint.name() + "\"").getBytes(UTF_8);
        Position walked = SegmentWalk.walk(files, Position.BEGINNING, end.lastSequence(), (reader, hash) -> {
            boolean about = reader.payloadHolds(name) && isAbout(codec.decode(reader.payload()), endpoint);
            proofs.append(hash, about);
            if (about) {
                records.add(reader.record());
            }
        });
        // What was read, and not what a snapshot says of it.
        Checkpoint checkpoint =
                new Checkpoint(end.chain(), walked.sequence(), walked.tree().root(), walked.hash(), now);
        return json(endpoint, key.sign(checkpoint), records, proofs.finish());
    }

    private static LedgerScan.Against newestSnapshot(Path ledger) throws IOException {
        List<SnapshotFile> whole = Snapshots.newest(ledger, 1).whole();
        return new LedgerScan.Against(whole.stream().findFirst(), List.of());
    }

    private static String json(Endpoint endpoint, String note, List<byte[]> records, List<MerkleProofs.Path> paths) {
        ObjectNode proof = JSON.createObjectNode();
        proof.put("format", FORMAT);
        proof.put("endpoint", endpoint.name());
        proof.put("checkpoint", note);
        ArrayNode list = proof.putArray("records");
        Base64.Encoder base64 = Base64.getEncoder();
        for (int i = 0; i < records.size(); i++) {
            ObjectNode each = list.addObject();
            each.put("sequence", paths.get(i).index() + 1);
            each.put("record", base64.encodeToString(records.get(i)));
            ArrayNode path = each.putArray("path");
            paths.get(i).hashes().forEach(hash -> path.add(base64.encodeToString(hash)));
        }
        return proof.toPrettyString();
    }

    /**
     * Checks a proof, with nothing but it and the key.
     *
     * @throws IllegalArgumentException that says what it does not show
     */
    public static Shown check(String json, CheckpointVerifier key) {
        try {
            JsonNode proof = JSON.readTree(json);
            if (!proof.path("format").asText().equals(FORMAT)) {
                throw new IllegalArgumentException(
                        "proof: format \"" + proof.path("format").asText() + "\" (expected: " + FORMAT + ")");
            }
            Endpoint endpoint = new Endpoint(proof.path("endpoint").asText());
            List<Checkpoint> signed =
                    CheckpointNote.signedBy(key, proof.path("checkpoint").asText());
            if (signed.size() != 1) {
                throw new IllegalArgumentException("proof: its checkpoint was not signed by " + key.text());
            }
            List<Shown.Line> lines = new ArrayList<>();
            for (JsonNode each : proof.path("records")) {
                lines.add(line(each, endpoint, signed.get(0)));
            }
            return new Shown(endpoint, signed.get(0), lines);
        } catch (IOException e) {
            throw new IllegalArgumentException("proof: " + e.getMessage(), e);
        }
    }

    private static Shown.Line line(JsonNode each, Endpoint endpoint, Checkpoint checkpoint) {
        long sequence = each.path("sequence").asLong();
        byte[] record = Base64.getDecoder().decode(each.path("record").asText());
        List<byte[]> path = new ArrayList<>();
        each.path("path").forEach(hash -> path.add(Base64.getDecoder().decode(hash.asText())));
        if (record.length <= RecordFormat.PAYLOAD_AT
                || !RecordFormat.isHeader(record, 0)
                || ByteBuffer.wrap(record).getInt(0) != RecordFormat.FACT
                || ByteBuffer.wrap(record).getLong(8) != sequence) {
            throw new IllegalArgumentException("proof: record " + sequence + " is not a fact with that sequence");
        }
        byte[] hash = Sha256.newDigest().digest(record);
        if (!MerkleProofs.verifies(hash, sequence - 1, checkpoint.size(), path, checkpoint.root())) {
            throw new IllegalArgumentException("proof: record " + sequence
                    + " is not in the ledger of the checkpoint over " + checkpoint.size() + " facts");
        }
        byte[] payload = Arrays.copyOfRange(record, RecordFormat.PAYLOAD_AT, record.length);
        if (!isAbout(new FactCodec().decode(payload), endpoint)) {
            throw new IllegalArgumentException("proof: record " + sequence + " is not about " + endpoint.name());
        }
        return new Shown.Line(sequence, new String(payload, UTF_8));
    }

    private static boolean isAbout(Fact fact, Endpoint endpoint) {
        if (fact instanceof Fact.DeviceChanged changed) {
            return changed.device().endpoint().equals(endpoint);
        }
        if (fact instanceof Fact.DeviceRemoved removed) {
            return removed.endpoint().equals(endpoint);
        }
        if (fact instanceof Fact.MembersJoined joined) {
            return joined.members().contains(endpoint);
        }
        if (fact instanceof Fact.ArtifactReopened reopened) {
            return reopened.endpoint().equals(endpoint);
        }
        if (fact instanceof Fact.UpdateChanged changed) {
            return changed.update().endpoint().equals(endpoint);
        }
        if (fact instanceof Fact.EvidenceNoted noted) {
            return noted.evidence().endpoint().equals(endpoint);
        }
        return fact instanceof Fact.UpdateAnnotated note
                && note.update().endpoint().equals(endpoint);
    }
}
