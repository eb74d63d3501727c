package wavegate.server.cli;

import picocli.CommandLine;
import picocli.CommandLine.Command;
import wavegate.sim.SimCommand;

/** {@code wavegate}: everything that can be run from the command line. */
@Command(
        name = "wavegate",
        versionProvider = WavegateCommand.Version.class,
        description = "Changes the firmware of a fleet in waves, and stops itself when a wave does harm.",
        footerHeading = "%n",
        footer = {
            "First time: ./wavegate demo",
            "Exit codes: 0 done, 1 refused or failed, 2 wrong use, 3 no answer from the server."
        })
public final class WavegateCommand extends Group {
    static final class Version implements CommandLine.IVersionProvider {
        @Override
        public String[] getVersion() {
            String version = WavegateCommand.class.getPackage().getImplementationVersion();
            return new String[] {"wavegate " + (version == null ? "(not packaged)" : version)};
        }
    }

    /** The whole command line. Every command is in this list and nowhere else. */
    public static CommandLine line() {
        CommandLine line = new CommandLine(new WavegateCommand())
                .addSubcommand(new DemoCommand())
                .addSubcommand(new ServerCommand())
                .addSubcommand(BootstrapCommands.addTo(new CommandLine(new BootstrapCommand())))
                .addSubcommand(new SimCommand(SimServer::start))
                .addSubcommand(new CommandLine(new PackageCommands())
                        .addSubcommand(new PackageKeygenCommand())
                        .addSubcommand(new PackageKeysCommand())
                        .addSubcommand(new PackageSignCommand()))
                .addSubcommand(new CommandLine(new DeviceCommands()))
                .addSubcommand(new CommandLine(new CredentialCommands()))
                .addSubcommand(new CommandLine(new CampaignCommands()))
                .addSubcommand(new CommandLine(new FilterCommands()))
                .addSubcommand(new CommandLine(new KillCommands()))
                .addSubcommand(new CommandLine(new TokenCommands()))
                .addSubcommand(new CommandLine(new LedgerCommands())
                        .addSubcommand(new LedgerVerifyCommand())
                        .addSubcommand(new LedgerExportCommand())
                        .addSubcommand(new LedgerAnchorCommand())
                        .addSubcommand(new LedgerArchiveCommand())
                        .addSubcommand(new LedgerProveCommand())
                        .addSubcommand(new LedgerCheckProofCommand()))
                .addSubcommand(new CommandLine(new GateCommands()).addSubcommand(new GateReplayCommand()))
                .addSubcommand(new CommandLine(new BenchCommands())
                        .addSubcommand(new BenchRegistrationCommand())
                        .addSubcommand(new BenchDeliveryCommand())
                        .addSubcommand(new BenchStormCommand())
                        .addSubcommand(new BenchCampaignCommand())
                        .addSubcommand(new BenchSteadyCommand())
                        .addSubcommand(new BenchFleetCommand())
                        .addSubcommand(new BenchGateCommand()));
        line.setCaseInsensitiveEnumValuesAllowed(true);
        line.setUsageHelpWidth(110);
        line.setAbbreviatedSubcommandsAllowed(false);
        line.setExecutionExceptionHandler(WavegateCommand::failed);
        return line;
    }

    private static int failed(Exception failure, CommandLine command, CommandLine.ParseResult parsed) throws Exception {
        if (failure instanceof CallFailed known) {
            command.getErr().println(command.getCommandName() + ": " + known.getMessage());
            command.getErr().flush();
            return known.exitCode();
        }
        throw failure;
    }
}
