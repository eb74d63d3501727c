package wavegate.server.store.mapdb;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import java.nio.ByteBuffer;
import wavegate.firmware.device.Endpoint;
import wavegate.firmware.pkg.PackageId;
import wavegate.firmware.update.CampaignId;
import wavegate.firmware.update.UpdateId;

/**
 * Keys of the view: a letter for the kind, then names parted by a zero byte, which no name holds. Names are ASCII, so that the order of bytes
 * is the order of names and a page is a range. Where the newest is asked for first, the sequence stands in the key counted down.
 */
final class Keys {
    static final char DEVICE = 'd';
    private static final char CAMPAIGN = 'c';
    private static final char PACKAGE = 'p';
    private static final char UPDATE = 'u';
    private static final char UPDATE_BY_DEVICE = 'x';
    private static final char GATE = 'g';
    private static final char NOTE = 'n';
    private static final char KILL_SWITCH = 'k';
    private static final char RECEIPT = 'r';
    private static final char AUDIT = 'a';
    private static final char FILTER = 'f';

    private Keys() {}

    static byte[] device(Endpoint endpoint) {
        return bytes(DEVICE + endpoint.name());
    }

    static byte[] devices() {
        return bytes(String.valueOf(DEVICE));
    }

    static byte[] campaign(CampaignId id) {
        return bytes(CAMPAIGN + id.value());
    }

    static byte[] campaigns() {
        return bytes(String.valueOf(CAMPAIGN));
    }

    static byte[] firmwarePackage(PackageId id) {
        return bytes(PACKAGE + id.value());
    }

    static byte[] packages() {
        return bytes(String.valueOf(PACKAGE));
    }

    static byte[] update(UpdateId id) {
        return bytes(UPDATE + id.campaign().value() + '\0' + id.endpoint().name());
    }

    static byte[] updates(CampaignId campaign) {
        return bytes(UPDATE + campaign.value() + '\0');
    }

    static byte[] updateByDevice(UpdateId id) {
        return bytes(
                UPDATE_BY_DEVICE + id.endpoint().name() + '\0' + id.campaign().value());
    }

    static byte[] updatesOf(Endpoint endpoint) {
        return bytes(UPDATE_BY_DEVICE + endpoint.name() + '\0');
    }

    static byte[] gate(CampaignId campaign, long sequence) {
        return countedDown(gates(campaign), sequence);
    }

    static byte[] gates(CampaignId campaign) {
        return bytes(GATE + campaign.value() + '\0');
    }

    static byte[] note(UpdateId update, long sequence) {
        return countedDown(notes(update), sequence);
    }

    static byte[] notes(UpdateId update) {
        return bytes(NOTE + update.campaign().value() + '\0' + update.endpoint().name() + '\0');
    }

    static byte[] filter(String name) {
        return bytes(FILTER + name);
    }

    static byte[] filters() {
        return bytes(String.valueOf(FILTER));
    }

    static byte[] killSwitch(String id) {
        return bytes(KILL_SWITCH + id);
    }

    static byte[] killSwitches() {
        return bytes(String.valueOf(KILL_SWITCH));
    }

    static byte[] receipt(String killSwitchId) {
        return bytes(RECEIPT + killSwitchId);
    }

    static byte[] receipts() {
        return bytes(String.valueOf(RECEIPT));
    }

    static byte[] audit(long sequence) {
        return countedDown(audits(), sequence);
    }

    static byte[] audits() {
        return bytes(String.valueOf(AUDIT));
    }

    /** The key with {@code tail} put after it. */
    static byte[] under(byte[] prefix, String tail) {
        return bytes(new String(prefix, ISO_8859_1) + tail);
    }

    /** What a key says after a prefix of it. */
    static String after(byte[] prefix, byte[] key) {
        return new String(key, prefix.length, key.length - prefix.length, ISO_8859_1);
    }

    static String printable(byte[] key) {
        return new String(key, ISO_8859_1).replaceAll("[^\\x20-\\x7e]", "/");
    }

    private static byte[] countedDown(byte[] prefix, long sequence) {
        return ByteBuffer.allocate(prefix.length + Long.BYTES)
                .put(prefix)
                .putLong(Long.MAX_VALUE - sequence)
                .array();
    }

    private static byte[] bytes(String text) {
        return text.getBytes(ISO_8859_1);
    }
}
