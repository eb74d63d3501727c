package wavegate.sim;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import java.io.IOException;
import java.io.Writer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import wavegate.sim.device.DeviceCounters;
import wavegate.sim.device.VirtualDevice;
import wavegate.sim.terminal.TerminalFleet;
import wavegate.sim.terminal.TerminalReport;

/** A run as files: {@code report.json} and {@code report.html} of the whole, {@code devices.csv} and {@code terminals.csv} with what each saw. */
final class ReportFiles {
    private static final ObjectMapper JSON = new ObjectMapper().enable(SerializationFeature.INDENT_OUTPUT);

    private ReportFiles() {}

    static String json(SimReport report) throws IOException {
        return JSON.writeValueAsString(report);
    }

    /** @param directory made if it is not there; files of an earlier run are overwritten */
    static void write(Path directory, SimReport report, VirtualFleet fleet) throws IOException {
        Files.createDirectories(directory);
        Files.writeString(directory.resolve("report.json"), json(report));
        Files.writeString(directory.resolve("report.html"), new ReportPage(report).html());
        // Taken on the fleet's loop, written here: a slow disk would hold up every module.
        List<String> rows = new ArrayList<>();
        fleet.each(device -> rows.add(row(device)));
        try (Writer out = Files.newBufferedWriter(directory.resolve("devices.csv"), StandardCharsets.UTF_8)) {
            out.write(
                    "endpoint,region,carrier,model,profile,registered,runs,runs_sha256,runs_whole,holds,registrations,"
                            + "updates,writes_to_5,downloads,bytes,applies,second_applies,reverts,boots,crashes,"
                            + "user_data_intact\n");
            for (String row : rows) {
                out.write(row);
            }
        }
        if (fleet.terminals().isPresent()) {
            terminals(directory.resolve("terminals.csv"), fleet.terminals().get());
        }
    }

    private static void terminals(Path file, TerminalFleet terminals) throws IOException {
        StringBuilder rows =
                new StringBuilder("endpoint,region,carrier,model,runs,runs_package_sha256,answers,refusals,"
                        + "downloads,bytes,applies,reverts,discards,boots,crashes,last_result\n");
        for (TerminalReport terminal : terminals.report()) {
            rows.append(line(
                    terminal.identity().endpoint(),
                    terminal.identity().region(),
                    terminal.identity().carrier(),
                    terminal.identity().model().model(),
                    terminal.version(),
                    terminal.runsSha256(),
                    String.valueOf(terminal.answers()),
                    String.valueOf(terminal.refusals()),
                    String.valueOf(terminal.offers()),
                    String.valueOf(terminal.bytes()),
                    String.valueOf(terminal.applies()),
                    String.valueOf(terminal.reverts()),
                    String.valueOf(terminal.discards()),
                    String.valueOf(terminal.boots()),
                    String.valueOf(terminal.crashes()),
                    String.valueOf(terminal.lastResult())));
        }
        Files.writeString(file, rows);
    }

    private static String row(VirtualDevice device) {
        DeviceCounters c = device.counters();
        return line(
                device.identity().endpoint(),
                device.identity().region(),
                device.identity().carrier(),
                device.identity().model().model(),
                device.profileName(),
                String.valueOf(device.registered()),
                device.running().version(),
                device.running().payloadDigest().hex(),
                String.valueOf(device.running().intact()),
                device.held().map(image -> image.version()).orElse(""),
                String.valueOf(c.registrations()),
                String.valueOf(c.registrationUpdates()),
                String.valueOf(c.writesTo5()),
                String.valueOf(c.downloads()),
                String.valueOf(c.bytes()),
                String.valueOf(c.applies()),
                String.valueOf(c.secondApplies()),
                String.valueOf(c.reverts()),
                String.valueOf(c.boots()),
                String.valueOf(c.crashes()),
                String.valueOf(device.userDataIntact()));
    }

    private static String line(String... cells) {
        for (int i = 0; i < cells.length; i++) {
            cells[i] = quoted(cells[i]);
        }
        return String.join(",", cells) + "\n";
    }

    /** Names come from scenario files and may hold anything; a spreadsheet takes what begins with = for a formula. */
    private static String quoted(String cell) {
        boolean plain = cell.chars().allMatch(c -> Character.isLetterOrDigit(c) || " :._-".indexOf(c) >= 0)
                && !cell.startsWith("-");
        return plain ? cell : "\"" + (cell.matches("[=+@-].*") ? "'" : "") + cell.replace("\"", "\"\"") + "\"";
    }
}
