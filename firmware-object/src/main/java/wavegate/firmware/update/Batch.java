package wavegate.firmware.update;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import wavegate.firmware.object.FirmwareStatus;
import wavegate.firmware.object.UpdateResult;
import wavegate.firmware.object.UpdateState;
import wavegate.firmware.pkg.ComponentImage;
import wavegate.firmware.pkg.FirmwareVersion;

/**
 * Several components of Object 33629 in one update: makes of what all of them showed the one status that the table judges. Before all images
 * lie on the device that is the status of the component whose turn it is; from then on it is that of the one that is furthest behind, or has
 * failed. The version is the target when every component runs its own, the old one when none does, else a list of all.
 */
record Batch(Update update, DeviceStatus status, UpdateContext context) {
    private static final int LONGEST_VERSION = 255;

    // ---- what is wrong with it before it begins

    /** Names in the package that the device does not have. */
    Set<String> missing() {
        Set<String> names = new TreeSet<>(context.manifest().componentNames());
        status.components().forEach(each -> names.remove(each.name()));
        return names;
    }

    /** Two of them of which one may hold no image while the other does. */
    Optional<String> ruledOut() {
        for (ComponentStatus one : status.components()) {
            for (ComponentStatus other : status.components()) {
                if (one.instance() != other.instance() && one.conflicting().contains(other.instance())) {
                    return Optional.of("component " + one.name() + " conflicts with component " + other.name()
                            + " on this device: they cannot be updated together");
                }
            }
        }
        return Optional.empty();
    }

    /** A client that takes no arguments applies what is linked to the first, and nothing else. */
    Optional<String> notToBeNamed() {
        if (context.profile().object5().executeArguments()) {
            return Optional.empty();
        }
        List<ComponentStatus> carried =
                status.components().stream().filter(each -> !atTarget(each)).toList();
        for (ComponentStatus each : carried) {
            if (each.instance() != carried.get(0).instance()
                    && !carried.get(0).linked().contains(each.instance())) {
                return Optional.of("client " + context.profile().name() + " takes no arguments, and component "
                        + each.name() + " is not linked to " + carried.get(0).name());
            }
        }
        return Optional.empty();
    }

    // ---- the status the table judges

    DeviceStatus view() {
        if (!status.hasObject5() || status.components().isEmpty()) {
            return status;
        }
        ComponentStatus shown = shown();
        return new DeviceStatus(
                true,
                shown.firmware(),
                version(),
                status.identity(),
                shown.method(),
                shown.protocols(),
                status.batteryPercent(),
                status.freeMemoryKb(),
                shown.details(),
                status.components(),
                status.cell());
    }

    private ComponentStatus shown() {
        return switch (update.phase()) {
            case DOWNLOADING, VERIFYING ->
                update.parts()
                        .flatMap(parts -> of(parts.current()))
                        .orElse(status.components().get(0));
            case PRE_UPDATING, UPDATING, VERIFY_POST -> furthestBehind();
            case IDLE, CHECKING, RETRY, SUCCESS, FAILED, ROLLBACK, SKIPPED, CANCELLED, LOST -> leastFree();
        };
    }

    /** One that is being applied, else one that is not in State 0, else one with an old result, else the first whose image is to travel. */
    private ComponentStatus leastFree() {
        List<ComponentStatus> all = new ArrayList<>(status.components());
        all.sort(Comparator.comparingInt(this::freedom));
        return all.get(0);
    }

    private int freedom(ComponentStatus each) {
        FirmwareStatus firmware = each.firmware();
        if (firmware.is(UpdateState.UPDATING)) {
            return 0;
        }
        if (!firmware.is(UpdateState.IDLE)) {
            return 1;
        }
        if (atTarget(each)) {
            return 4;
        }
        return firmware.result().equals(UpdateResult.INITIAL) ? 3 : 2;
    }

    /** Whether a component is to be reset before anything is delivered. */
    boolean wantsReset(ComponentStatus each) {
        return freedom(each) == 1 || freedom(each) == 2;
    }

    private ComponentStatus furthestBehind() {
        List<ComponentStatus> all = new ArrayList<>();
        update.parts().ifPresent(parts -> parts.carried().forEach(part -> of(part).ifPresent(all::add)));
        if (all.isEmpty()) {
            all.addAll(status.components());
        }
        all.sort(Comparator.comparingInt(Batch::urgency));
        return all.get(0);
    }

    /** What is being applied tells nothing as yet; then what has lost its image or ended, a failure first, and of failures the one that names its cause. */
    private static int urgency(ComponentStatus each) {
        FirmwareStatus firmware = each.firmware();
        UpdateResult result = firmware.result();
        boolean failed = !result.equals(UpdateResult.INITIAL)
                && !result.equals(UpdateResult.SUCCESS)
                && !result.equals(UpdateResult.DEFERRED);
        if (firmware.is(UpdateState.UPDATING)) {
            return 0;
        }
        int base = firmware.is(UpdateState.DOWNLOADED) ? 10 : 1;
        if (failed) {
            return result.equals(UpdateResult.UPDATE_FAILED) ? base + 1 : base;
        }
        return result.equals(UpdateResult.INITIAL) ? base + 3 : base + 2;
    }

    private FirmwareVersion version() {
        boolean known =
                status.components().stream().allMatch(each -> each.version().known());
        if (!known) {
            return FirmwareVersion.UNKNOWN;
        }
        if (status.components().stream().allMatch(this::atTarget)) {
            return update.target();
        }
        return update.parts().isPresent() && update.phase() != UpdatePhase.CHECKING && allAtOld()
                ? update.from()
                : FirmwareVersion.of(clipped(versions()));
    }

    private boolean allAtOld() {
        return status.components().stream().allMatch(this::atOld);
    }

    private boolean atTarget(ComponentStatus each) {
        return context.manifest().components().stream()
                .anyMatch(image ->
                        image.name().equals(each.name()) && image.version().equals(each.version()));
    }

    private boolean atOld(ComponentStatus each) {
        return update.parts().stream()
                .flatMap(parts -> parts.all().stream())
                .anyMatch(part -> part.name().equals(each.name()) && part.from().equals(each.version()));
    }

    /** Whether some have come to their target and others have not left where they were. */
    boolean partly() {
        return status.components().stream().allMatch(each -> atTarget(each) || atOld(each))
                && status.components().stream().anyMatch(each -> !atTarget(each))
                && !allAtOld();
    }

    private String versions() {
        return status.components().stream()
                .map(each -> each.name() + " " + each.version())
                .collect(Collectors.joining(", "));
    }

    /** {@code application 2.0.0, modem 1.0.0 (0/8)}: a component that shows a failure with its State and Update Result. */
    String inWords() {
        return status.components().stream()
                .map(each -> each.name() + " " + each.version()
                        + (each.firmware().result().equals(UpdateResult.INITIAL)
                                        || each.firmware().result().equals(UpdateResult.SUCCESS)
                                ? ""
                                : " (" + each.firmware().stateCode() + "/"
                                        + each.firmware().result().code() + ")"))
                .collect(Collectors.joining(", "));
    }

    private static String clipped(String text) {
        return text.length() > LONGEST_VERSION ? text.substring(0, LONGEST_VERSION) : text;
    }

    // ---- whose it is

    /** That of the component that somebody else has been at, or else of the one that is shown. */
    Attribution whose(DeviceStatus view) {
        if (update.parts().isPresent()
                && (update.phase() == UpdatePhase.PRE_UPDATING || update.phase() == UpdatePhase.UPDATING)) {
            List<Attribution> all = new ArrayList<>();
            for (Parts.Part part : update.parts().get().carried()) {
                if (part.held().isPresent() && of(part).isPresent()) {
                    all.add(new Attribution(update.seen(part.held().get()), alone(of(part).get()), context));
                }
            }
            return all.stream()
                    .filter(each -> each.conflict() || each.foreignPackage())
                    .findFirst()
                    .orElseGet(() -> all.isEmpty() ? new Attribution(update, view, context) : all.get(0));
        }
        return new Attribution(update, view, context);
    }

    private DeviceStatus alone(ComponentStatus each) {
        return new DeviceStatus(
                true,
                each.firmware(),
                each.version(),
                status.identity(),
                each.method(),
                each.protocols(),
                status.batteryPercent(),
                status.freeMemoryKb(),
                each.details());
    }

    Optional<ComponentStatus> of(Parts.Part part) {
        return status.components().stream()
                .filter(each -> each.name().equals(part.name()))
                .findFirst();
    }

    // ---- what is done

    /** The parts as they are found, with the turn at the one that is shown. */
    Parts begin() {
        ComponentStatus first = shown();
        List<Parts.Part> all = new ArrayList<>();
        int at = 0;
        for (ComponentImage image : context.manifest().components()) {
            ComponentStatus found = status.components().stream()
                    .filter(each -> each.name().equals(image.name()))
                    .findFirst()
                    .orElseThrow();
            at = found.instance() == first.instance() ? all.size() : at;
            all.add(new Parts.Part(
                    image.name(), found.instance(), found.version(), !atTarget(found), Optional.empty()));
        }
        return new Parts(all, at);
    }

    ComponentImage image(Parts.Part part) {
        return context.manifest().components().stream()
                .filter(image -> image.name().equals(part.name()))
                .findFirst()
                .orElseThrow();
    }

    Sighting sighting(ComponentStatus each) {
        return Sighting.of(alone(each));
    }

    /** All that are to be applied but the first, to whom the others are named; one that others are linked to is told to go alone. */
    String executeArgument() {
        List<Parts.Part> carried = update.parts().orElseThrow().carried();
        if (!context.profile().object5().executeArguments()) {
            return "";
        }
        if (carried.size() == 1) {
            return of(carried.get(0)).filter(each -> !each.linked().isEmpty()).isPresent() ? "0" : "";
        }
        // The grammar of arguments wants a list in quotes.
        return carried.stream()
                .skip(1)
                .map(part -> "<" + part.slot() + ">")
                .collect(Collectors.joining(",", "0='", "'"));
    }
}
