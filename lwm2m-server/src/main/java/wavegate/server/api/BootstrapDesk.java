package wavegate.server.api;

import wavegate.bootstrap.BootstrapServer;
import wavegate.bootstrap.account.Accounts;

/** The bootstrap server in this process, as the API speaks to it. */
public record BootstrapDesk(BootstrapServer server, Accounts accounts) {}
