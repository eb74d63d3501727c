package wavegate.config;

/**
 * Client profiles besides those that come with the server.
 *
 * @param profiles folder with a YAML file for each, relative to the data directory; one of the same name takes the place of ours; empty: none
 */
public record ClientSettings(String profiles) {
    public static final ClientSettings DEFAULT = new ClientSettings("");
}
