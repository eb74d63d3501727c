package wavegate.server.cli;

import picocli.CommandLine.Command;

/** {@code wavegate ledger}: works on the files, with the server stopped or running. */
@Command(
        name = "ledger",
        mixinStandardHelpOptions = true,
        description =
                "Checks, exports, anchors, archives and proves a ledger, the record of everything that was decided and done.")
final class LedgerCommands extends Group {}
