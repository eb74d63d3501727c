package wavegate.config;

/**
 * The bootstrap server inside the server.
 *
 * @param enabled whether there is one; else devices need accounts, or {@code wavegate bootstrap} beside it
 * @param file where it listens, shards, rules and devices, as for {@code wavegate bootstrap}; empty: coaps on 127.0.0.1:5784, this server the only
 *     shard
 */
public record BootstrapOptions(boolean enabled, String file) {
    public static final BootstrapOptions DEFAULT = new BootstrapOptions(false, "");
}
