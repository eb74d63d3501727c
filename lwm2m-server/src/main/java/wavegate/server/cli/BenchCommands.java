package wavegate.server.cli;

import picocli.CommandLine.Command;

/** {@code wavegate bench}. */
@Command(name = "bench", description = "Measures this server beside bare Leshan on this machine.")
final class BenchCommands extends Group {}
