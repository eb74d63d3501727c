package wavegate.server.api;

import java.util.List;
import java.util.Optional;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;
import wavegate.bootstrap.rotation.Rotations;
import wavegate.firmware.device.ClientProfiles;
import wavegate.server.ingest.TelemetryIntake;
import wavegate.server.rollout.Audit;
import wavegate.server.rollout.Fence;
import wavegate.server.rollout.Operations;
import wavegate.server.rollout.PackageDeltas;
import wavegate.server.rollout.PackageIntake;
import wavegate.server.rollout.RolloutFigures;
import wavegate.server.rollout.RolloutStore;
import wavegate.server.rollout.SessionDirectory;
import wavegate.server.rollout.TelemetryStore;
import wavegate.server.rollout.VersionDesk;

/**
 * What the API speaks to.
 *
 * @param bootstrap the bootstrap server, if there is one in this process
 * @param versions where terminals ask, if they are answered
 * @param sockets one for each UDP socket, always the same ones
 * @param ready whether the server takes orders and devices; asked by {@code /readyz}
 */
public record ApiPorts(
        Operations operations,
        RolloutStore store,
        TelemetryStore telemetry,
        TelemetryIntake ingest,
        SessionDirectory sessions,
        ClientProfiles clients,
        PackageIntake intake,
        PackageDeltas deltas,
        Fence fence,
        RolloutFigures figures,
        Audit audit,
        CredentialAccess credentials,
        Optional<BootstrapDesk> bootstrap,
        Optional<Rotations> rotations,
        Optional<VersionDesk> versions,
        Supplier<List<SocketLoad>> sockets,
        BooleanSupplier ready) {}
