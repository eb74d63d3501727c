package wavegate.server.rollout;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import wavegate.firmware.campaign.Membership;
import wavegate.firmware.campaign.MembershipFile;
import wavegate.firmware.pkg.Sha256;

/** Memberships as content-addressed files beside the images: a million endpoints do not belong in a ledger record. */
final class MembershipFiles {
    private final ArtifactStore artifacts;

    MembershipFiles(ArtifactStore artifacts) {
        this.artifacts = artifacts;
    }

    Sha256 write(Membership membership) throws IOException {
        byte[] bytes = MembershipFile.encode(membership);
        return artifacts.put(new ByteArrayInputStream(bytes), bytes.length);
    }

    Membership read(Sha256 digest) {
        try {
            ArtifactStore.Artifact artifact = artifacts
                    .open(digest)
                    .orElseThrow(() -> new LedgerFailure(
                            "membership " + digest + " is missing (expected: the file the ledger names)"));
            ByteBuffer bytes = ByteBuffer.allocate(Math.toIntExact(artifact.sizeBytes()));
            artifact.read(0, bytes);
            return MembershipFile.decode(bytes.array());
        } catch (IOException e) {
            throw new LedgerFailure("membership " + digest + " cannot be read", e);
        }
    }
}
