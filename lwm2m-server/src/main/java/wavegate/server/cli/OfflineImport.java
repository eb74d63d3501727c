package wavegate.server.cli;

import java.io.IOException;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Clock;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import wavegate.bootstrap.credential.Credential;
import wavegate.bootstrap.credential.CredentialRefused;
import wavegate.bootstrap.credential.CredentialStore;
import wavegate.bootstrap.credential.OwnedFiles;
import wavegate.bootstrap.credential.SealedCredentialStore;
import wavegate.bootstrap.credential.StoreKey;
import wavegate.bootstrap.credential.Use;
import wavegate.config.Settings;
import wavegate.firmware.event.Fact;
import wavegate.server.api.CredentialLines;
import wavegate.server.ledger.FileLedger;
import wavegate.server.rollout.Audit;

/**
 * Adds credentials to the data of a server that does not run: under the locks of its ledger and its credentials, so that none can start meanwhile,
 * and with the same lines in the audit, intent first.
 */
final class OfflineImport {
    private static final String ACTOR = "offline";
    private static final String ACTION = "importCredentials";
    private static final String SUBJECT = "credentials";

    private final Settings settings;
    private final SecureRandom random = new SecureRandom();

    OfflineImport(Settings settings) {
        this.settings = settings;
    }

    /** @param fault why a line was not taken */
    record Fault(int line, String fault) {}

    record Result(int added, List<Fault> faults) {}

    /** @throws IOException if the server runs, or its data cannot be read or written */
    Result add(Use use, List<CredentialLines.Line> lines) throws IOException {
        Path data = OwnedFiles.directory(settings.dataDir());
        StoreKey key = StoreKey.forData(data, settings.credentials().keyFile(), random);
        try (FileLedger ledger = FileLedger.open(data.resolve("ledger"), random);
                CredentialStore store =
                        SealedCredentialStore.open(data.resolve("credentials"), key, Clock.systemUTC(), random)) {
            record(ledger, Audit.INTENDED, Map.of("lines", String.valueOf(lines.size())));
            Result result = added(store, use, lines);
            record(
                    ledger,
                    Audit.DONE,
                    Map.of(
                            "added", String.valueOf(result.added()),
                            "refused", String.valueOf(result.faults().size())));
            return result;
        }
    }

    private static Result added(CredentialStore store, Use use, List<CredentialLines.Line> lines) throws IOException {
        List<Credential> good = new ArrayList<>();
        lines.forEach(line -> line.credential().ifPresent(good::add));
        List<Optional<CredentialRefused>> results = store.importAll(use, good);
        List<Fault> faults = new ArrayList<>();
        int next = 0;
        for (CredentialLines.Line line : lines) {
            String fault = line.credential().isEmpty()
                    ? line.fault()
                    : results.get(next++).map(Throwable::getMessage).orElse("");
            if (!fault.isEmpty()) {
                faults.add(new Fault(line.number(), fault));
            }
        }
        return new Result(lines.size() - faults.size(), faults);
    }

    private static void record(FileLedger ledger, String outcome, Map<String, String> details) {
        ledger.commit(List.of(Fact.Audited.cut(Instant.now(), ACTOR, ACTION, SUBJECT, outcome, details)));
    }
}
