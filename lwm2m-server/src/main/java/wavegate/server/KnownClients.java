package wavegate.server;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.TreeSet;
import java.util.stream.Collectors;
import wavegate.config.ClientFile;
import wavegate.config.ClientFiles;
import wavegate.config.SettingsRefused;
import wavegate.firmware.device.ClientBehaviour;
import wavegate.firmware.device.ClientMatch;
import wavegate.firmware.device.ClientProfile;
import wavegate.firmware.device.ClientProfile.Deferral;
import wavegate.firmware.device.ClientProfile.Delivery;
import wavegate.firmware.device.ClientProfile.Listening;
import wavegate.firmware.device.ClientProfile.Object5;
import wavegate.firmware.device.ClientProfile.ResultKept;
import wavegate.firmware.device.ClientProfile.VersionSource;
import wavegate.firmware.device.ClientProfiles;
import wavegate.firmware.device.ResetMeans;
import wavegate.firmware.device.ResetStep;
import wavegate.firmware.object.DeliveryMethod;
import wavegate.firmware.pkg.Delta;

/** Makes client profiles of their files. */
final class KnownClients {
    private KnownClients() {}

    /**
     * @param folder of more profiles; empty: none
     * @throws SettingsRefused naming the file and what cannot stand in it
     */
    static ClientProfiles of(String folder, Path data) throws IOException {
        List<ClientFile> files = folder.isEmpty() ? ClientFiles.builtIn() : ClientFiles.with(data.resolve(folder));
        List<ClientProfiles.Entry> entries = new ArrayList<>();
        for (ClientFile file : files) {
            try {
                entries.add(entry(file));
            } catch (IllegalArgumentException e) {
                throw new SettingsRefused(file.source(), List.of(String.valueOf(e.getMessage())));
            }
        }
        return new ClientProfiles(entries);
    }

    static ClientProfiles.Entry entry(ClientFile file) {
        ClientProfile profile = new ClientProfile(
                file.name(),
                file.reset().stream()
                        .map(step -> new ResetStep(
                                word("reset.means", ResetMeans.class, step.means()), new TreeSet<>(step.states())))
                        .toList(),
                new Object5(
                        word("result-kept", ResultKept.class, file.words().resultKept()),
                        file.flags().showsPush(),
                        file.flags().refusalCarriesResult(),
                        file.flags().cancelUnannounced(),
                        file.flags().executeArguments(),
                        word("deferral", Deferral.class, file.words().deferral())),
                new Delivery(
                        word("delivery", DeliveryMethod.class, file.words().delivery()),
                        file.maxBlock(),
                        file.maxUri(),
                        file.deltas().stream()
                                .map(text -> word("deltas", Delta.Format.class, text))
                                .collect(Collectors.toSet())),
                word("version", VersionSource.class, file.words().version()),
                new Listening(
                        file.waits().awake(),
                        file.flags().observe(),
                        file.waits().pollFirst(),
                        file.waits().pollMax()));
        return new ClientProfiles.Entry(
                profile, file.match().stream().map(KnownClients::match).toList());
    }

    private static ClientMatch match(ClientFile.Match match) {
        TreeSet<ClientBehaviour> behaviours = new TreeSet<>();
        match.behaviours().forEach(text -> behaviours.add(word("match.behaviours", ClientBehaviour.class, text)));
        return new ClientMatch(match.manufacturer(), match.model(), new TreeSet<>(match.objectVersions()), behaviours);
    }

    private static <E extends Enum<E>> E word(String key, Class<E> type, String text) {
        List<String> words = new ArrayList<>();
        for (E constant : type.getEnumConstants()) {
            String word = constant.name().toLowerCase(Locale.ROOT).replace('_', '-');
            if (word.equals(text)) {
                return constant;
            }
            words.add(word);
        }
        throw new IllegalArgumentException(
                key + ": \"" + text + "\" (expected: one of " + String.join(", ", words) + ")");
    }
}
