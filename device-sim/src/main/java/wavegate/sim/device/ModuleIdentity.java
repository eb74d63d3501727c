package wavegate.sim.device;

import java.nio.charset.StandardCharsets;
import java.util.Locale;
import wavegate.firmware.pkg.Sha256;

/** Who a virtual module is. {@code index} numbers the fleet from 0; {@code region} and {@code carrier} go into its registration. */
public record ModuleIdentity(int index, String endpoint, ModuleModel model, String region, String carrier) {
    public ModuleIdentity {
        if (index < 0) {
            throw new IllegalArgumentException("module index: " + index + " (expected: 0 or more)");
        }
        if (!endpoint.matches("[A-Za-z0-9:._-]{1,64}")) {
            throw new IllegalArgumentException(
                    "endpoint: \"" + endpoint + "\" (expected: 1 to 64 of A-Z a-z 0-9 : . _ -)");
        }
    }

    /** The name of device {@code index} in the fleet of {@code seed}: an IMEI with its check digit, the same on every run. */
    public static String endpoint(long seed, int index) {
        byte[] digest =
                Sha256.of(Long.toString(seed).getBytes(StandardCharsets.UTF_8)).bytes();
        int series = ((digest[0] & 0xff) << 8 | (digest[1] & 0xff)) % 100_000;
        String digits = String.format(Locale.ROOT, "35%05d%07d", series, index);
        return "urn:imei:" + digits + luhn(digits);
    }

    private static int luhn(String digits) {
        int sum = 0;
        for (int i = 0; i < digits.length(); i++) {
            int digit = digits.charAt(i) - '0';
            int weighted = i % 2 == 1 ? digit * 2 : digit;
            sum += weighted > 9 ? weighted - 9 : weighted;
        }
        return (10 - sum % 10) % 10;
    }
}
