package wavegate.firmware.campaign;

import wavegate.firmware.pkg.PackageId;
import wavegate.firmware.update.CampaignId;
import wavegate.firmware.update.DispatchScope;

/** How far a kill switch reaches. {@code value} is the campaign id, package id or region; empty for ALL. */
public record KillScope(Kind kind, String value) {
    public enum Kind {
        CAMPAIGN,
        PACKAGE,
        REGION,
        ALL
    }

    public KillScope {
        switch (kind) {
            case CAMPAIGN -> new CampaignId(value);
            case PACKAGE -> new PackageId(value);
            case REGION -> {
                if (value.isBlank()) {
                    throw new IllegalArgumentException("kill switch region: \"\" (expected: a region label)");
                }
            }
            case ALL -> {
                if (!value.isEmpty()) {
                    throw new IllegalArgumentException("kill switch of all: \"" + value + "\" (expected: no value)");
                }
            }
        }
    }

    public boolean covers(DispatchScope scope) {
        return switch (kind) {
            case CAMPAIGN -> value.equals(scope.campaign().value());
            case PACKAGE -> value.equals(scope.packageId().value());
            case REGION -> value.equals(scope.region());
            case ALL -> true;
        };
    }

    @Override
    public String toString() {
        return kind == Kind.ALL ? "all" : kind.name().toLowerCase(java.util.Locale.ROOT) + " " + value;
    }
}
