package wavegate.firmware.campaign;

/**
 * What a campaign may use of the network, within what the server allows in all.
 *
 * @param bytesPerSecond of images begun, on the average; 0: no limit of its own
 * @param window when transfers may begin
 */
public record CampaignBudget(long bytesPerSecond, TransferWindow window) {
    public static final CampaignBudget UNLIMITED = new CampaignBudget(0, TransferWindow.ALWAYS);

    public CampaignBudget {
        if (bytesPerSecond < 0) {
            throw new IllegalArgumentException(
                    "budget: " + bytesPerSecond + " bytes per second (expected: 0 for no limit, or more)");
        }
    }
}
