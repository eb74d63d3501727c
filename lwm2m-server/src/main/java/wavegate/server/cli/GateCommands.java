package wavegate.server.cli;

import picocli.CommandLine.Command;

/** {@code wavegate gate}: works on the ledger's files, with the server stopped or running. */
@Command(name = "gate", description = "Looks into the verdicts of a ledger.")
final class GateCommands extends Group {}
