package wavegate.firmware.update;

import static org.assertj.core.api.Assertions.assertThat;
import static wavegate.firmware.update.UpdateDetail.APPLYING;
import static wavegate.firmware.update.UpdateDetail.CONFIRMING;
import static wavegate.firmware.update.UpdateDetail.PARTLY_UPDATED;
import static wavegate.firmware.update.UpdateDetail.PULL;
import static wavegate.firmware.update.UpdateDetail.READING;
import static wavegate.firmware.update.UpdateDetail.READY;
import static wavegate.firmware.update.UpdateDetail.RECHECKING_VERSION;
import static wavegate.firmware.update.UpdateDetail.REJECTED;
import static wavegate.firmware.update.UpdateDetail.REVERTED;
import static wavegate.firmware.update.UpdateDetail.SOAKING;
import static wavegate.firmware.update.UpdateDetail.UPDATE_FAILED;
import static wavegate.firmware.update.UpdateFixture.PACKAGE;
import static wavegate.firmware.update.UpdatePhase.CANCELLED;
import static wavegate.firmware.update.UpdatePhase.CHECKING;
import static wavegate.firmware.update.UpdatePhase.DOWNLOADING;
import static wavegate.firmware.update.UpdatePhase.FAILED;
import static wavegate.firmware.update.UpdatePhase.PRE_UPDATING;
import static wavegate.firmware.update.UpdatePhase.RETRY;
import static wavegate.firmware.update.UpdatePhase.ROLLBACK;
import static wavegate.firmware.update.UpdatePhase.SKIPPED;
import static wavegate.firmware.update.UpdatePhase.SUCCESS;
import static wavegate.firmware.update.UpdatePhase.UPDATING;
import static wavegate.firmware.update.UpdatePhase.VERIFYING;
import static wavegate.firmware.update.UpdatePhase.VERIFY_POST;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import wavegate.firmware.device.DeviceIdentity;
import wavegate.firmware.object.DeliveryMethod;
import wavegate.firmware.object.FirmwareStatus;
import wavegate.firmware.object.UpdateProtocol;
import wavegate.firmware.object.UpdateResult;
import wavegate.firmware.pkg.ComponentImage;
import wavegate.firmware.pkg.FirmwareVersion;
import wavegate.firmware.pkg.Manifest;
import wavegate.firmware.pkg.Sha256;
import wavegate.firmware.update.RowRecorder.Taken;
import wavegate.firmware.update.UpdateSignal.CancelAsked;
import wavegate.firmware.update.UpdateSignal.DeadlinePassed;
import wavegate.firmware.update.UpdateSignal.ExecuteAccepted;
import wavegate.firmware.update.UpdateSignal.PackageAccepted;

/** A package for several components of Object 33629: an application at instance 0 and a modem at instance 2, both from 1.0. */
class SetRowsTest {
    @RegisterExtension
    static final RowRecorder ROWS = new RowRecorder("S");

    private static final ComponentImage APPLICATION =
            new ComponentImage("application", FirmwareVersion.of("2.0"), 1000, Sha256.of(new byte[] {1}));
    private static final ComponentImage MODEM =
            new ComponentImage("modem", FirmwareVersion.of("1.4"), 500, Sha256.of(new byte[] {2}));
    private static final Manifest SET = new Manifest(
                    "set", FirmwareVersion.of("7"), "Acme", "P100", "rev-b", 1500, Sha256.of(new byte[] {3}), 1)
            .ofComponents(List.of(APPLICATION, MODEM));

    /** One component as it shows itself. */
    private record Shows(String name, int instance, int state, int result, String version, Set<Integer> conflicting) {
        ComponentStatus status() {
            ObjectDetails details = new ObjectDetails(
                    new FirmwareSlot(FirmwareSlot.ADVANCED, instance), "1.0", "", "", Optional.empty(), Set.of(), true);
            return new ComponentStatus(
                    name,
                    new FirmwareStatus(state, new UpdateResult(result)),
                    FirmwareVersion.of(version),
                    DeliveryMethod.BOTH,
                    Set.of(UpdateProtocol.COAP),
                    Set.of(),
                    conflicting,
                    details);
        }
    }

    private static Shows application(int state, int result, String version) {
        return new Shows("application", 0, state, result, version, Set.of());
    }

    private static Shows modem(int state, int result, String version) {
        return new Shows("modem", 2, state, result, version, Set.of());
    }

    private static UpdateSignal read(Shows... all) {
        List<ComponentStatus> components = new ArrayList<>();
        for (Shows each : all) {
            components.add(each.status());
        }
        ComponentStatus first = components.get(0);
        return new UpdateSignal.StatusRead(new DeviceStatus(
                components.size() == 2,
                first.firmware(),
                FirmwareVersion.of("55"),
                new DeviceIdentity("Acme", "P100", "rev-b"),
                first.method(),
                first.protocols(),
                -1,
                OptionalLong.empty(),
                first.details(),
                components,
                Optional.empty()));
    }

    private static UpdateFixture.Around around() {
        return UpdateFixture.context().packaged(SET).preferring(UpdatePolicy.DeliveryChoice.PULL);
    }

    private static Update checking() {
        return Update.reserved(
                UpdateFixture.ID, 2, PACKAGE, "eu-north", UpdateFixture.TOKEN, SET.version(), UpdateFixture.NOW);
    }

    private static Taken on(Update before, UpdateSignal signal) {
        return ROWS.on(before, signal, around());
    }

    private static Update reading() {
        return on(checking(), new UpdateSignal.Begin())
                .leadsTo(CHECKING, READING)
                .asking("read application,modem")
                .next();
    }

    private static Update firstTravels() {
        return on(reading(), read(application(0, 0, "1.0"), modem(0, 0, "1.0")))
                .takes("C11")
                .leadsTo(DOWNLOADING, PULL)
                .asking("observe", "write uri")
                .next();
    }

    private static Update secondTravels() {
        Update confirming = on(firstTravels(), read(application(2, 0, "1.0"), modem(0, 0, "1.0")))
                .takes("D4")
                .leadsTo(VERIFYING, CONFIRMING)
                .next();
        return on(confirming, read(application(2, 0, "1.0"), modem(0, 0, "1.0")))
                .takes("V1")
                .leadsTo(DOWNLOADING, PULL)
                .asking("observe", "write uri")
                .next();
    }

    private static Update allLieThere() {
        Update confirming = on(secondTravels(), read(application(2, 0, "1.0"), modem(2, 0, "1.0")))
                .next();
        return on(confirming, read(application(2, 0, "1.0"), modem(2, 0, "1.0")))
                .leadsTo(PRE_UPDATING, READY)
                .next();
    }

    private static Update applying() {
        Taken executed = on(allLieThere(), read(application(2, 0, "1.0"), modem(2, 0, "1.0")))
                .takes("P3")
                .asking("execute with 0='</33629/2>'");
        assertThat(executed.step().commands())
                .singleElement()
                .isInstanceOfSatisfying(UpdateCommand.ExecuteUpdate.class, execute -> assertThat(execute.slot())
                        .hasToString("/33629/0"));
        return on(executed.next(), new ExecuteAccepted())
                .leadsTo(UPDATING, APPLYING)
                .next();
    }

    @Test
    void each_image_travels_to_its_own_component() {
        Update first = firstTravels();
        assertThat(first.slot()).hasToString("/33629/0");
        assertThat(first.payload()).contains(APPLICATION.payload());
        assertThat(first.from()).isEqualTo(FirmwareVersion.of("application 1.0, modem 1.0"));
        Update second = secondTravels();
        assertThat(second.slot()).hasToString("/33629/2");
        assertThat(second.payload()).contains(MODEM.payload());
        assertThat(second.tries().deliveries()).isEqualTo(1);
    }

    @Test
    void success_needs_the_new_version_of_every_component() {
        on(applying(), read(application(0, 1, "2.0"), modem(3, 0, "1.0"))).takes("U6");
        Update soaking = on(applying(), read(application(0, 1, "2.0"), modem(0, 1, "1.4")))
                .takes("U7")
                .leadsTo(VERIFY_POST, SOAKING)
                .next();
        Update last = on(soaking, new DeadlinePassed()).next();
        on(last, read(application(0, 1, "2.0"), modem(0, 1, "1.4"))).takes("F4").leadsTo(SUCCESS, UpdateDetail.HEALTHY);
    }

    @Test
    void if_all_go_back_it_is_a_rollback_with_the_result_that_names_the_cause() {
        Taken back = on(applying(), read(application(0, 8, "1.0"), modem(0, 5, "1.0")))
                .takes("U14")
                .leadsTo(ROLLBACK, UpdateDetail.INTEGRITY)
                .showing(5);
        assertThat(back.next().note()).contains("application 1.0 (0/8), modem 1.0 (0/5)");
        on(applying(), read(application(0, 8, "1.0"), modem(0, 8, "1.0")))
                .takes("U14")
                .leadsTo(ROLLBACK, UPDATE_FAILED);
    }

    @Test
    void components_that_differ_are_looked_at_again_before_the_end_says_so() {
        UpdateSignal half = read(application(0, 1, "2.0"), modem(0, 8, "1.0"));
        Update looking = on(applying(), half)
                .takes("S2")
                .leadsTo(UPDATING, RECHECKING_VERSION)
                .next();
        on(looking, half).takes("S3").stays();
        Update again = on(looking, new DeadlinePassed()).next();
        Taken ended = on(again, half).takes("S4").leadsTo(FAILED, PARTLY_UPDATED);
        assertThat(ended.next().note()).contains("application 2.0, modem 1.0 (0/8)");
        on(again, read(application(0, 1, "2.0"), modem(0, 1, "1.4")))
                .takes("U7")
                .leadsTo(VERIFY_POST, SOAKING);
    }

    @Test
    void one_that_was_not_applied_leaves_no_image_behind() {
        UpdateSignal half = read(application(0, 1, "2.0"), modem(2, 0, "1.0"));
        Update again = on(on(applying(), half).next(), new DeadlinePassed()).next();
        on(again, half).takes("S4").leadsTo(FAILED, PARTLY_UPDATED).asking("reset by empty-uri");
    }

    @Test
    void one_that_goes_back_alone_later_is_seen() {
        Update soaking = on(applying(), read(application(0, 1, "2.0"), modem(0, 1, "1.4")))
                .next();
        on(soaking, read(application(0, 1, "2.0"), modem(0, 0, "1.0")))
                .takes("S5")
                .leadsTo(FAILED, PARTLY_UPDATED);
        on(soaking, read(application(0, 0, "1.0"), modem(0, 0, "1.0")))
                .takes("F2")
                .leadsTo(ROLLBACK, REVERTED);
    }

    @Test
    void a_component_that_runs_its_target_is_left_as_it_is() {
        Update first = on(reading(), read(application(0, 1, "2.0"), modem(0, 0, "1.0")))
                .takes("C11")
                .next();
        assertThat(first.slot()).hasToString("/33629/2");
        Update confirming =
                on(first, read(application(0, 1, "2.0"), modem(2, 0, "1.0"))).next();
        Update ready = on(confirming, read(application(0, 1, "2.0"), modem(2, 0, "1.0")))
                .leadsTo(PRE_UPDATING, READY)
                .next();
        on(ready, read(application(0, 1, "2.0"), modem(2, 0, "1.0")))
                .takes("P3")
                .asking("execute");
        on(reading(), read(application(0, 1, "2.0"), modem(0, 1, "1.4")))
                .takes("C3")
                .leadsTo(SKIPPED, UpdateDetail.ALREADY_THERE);
    }

    @Test
    void what_lies_on_any_of_them_is_brought_back_first() {
        on(reading(), read(application(2, 0, "1.0"), modem(2, 0, "1.0")))
                .takes("C8")
                .asking("reset by cancel", "reset by cancel");
        on(reading(), read(application(0, 0, "1.0"), modem(2, 0, "1.0")))
                .takes("C8")
                .asking("reset by cancel");
        on(reading(), read(application(0, 0, "1.0"), modem(3, 0, "1.0"))).takes("C7");
    }

    @Test
    void components_that_are_missing_or_rule_each_other_out_are_named() {
        assertThat(on(reading(), read(application(0, 0, "1.0")))
                        .takes("S1")
                        .leadsTo(SKIPPED, REJECTED)
                        .next()
                        .note())
                .contains("Object 33629 has no component modem");
        Shows rival = new Shows("modem", 2, 0, 0, "1.0", Set.of(0));
        assertThat(on(reading(), read(application(0, 0, "1.0"), rival))
                        .takes("S1")
                        .next()
                        .note())
                .contains("component modem conflicts with component application on this device: they cannot be updated"
                        + " together");
    }

    @Test
    void one_that_loses_its_image_before_execute_spoils_all() {
        on(allLieThere(), read(application(0, 0, "1.0"), modem(2, 0, "1.0")))
                .takes("P7")
                .leadsTo(RETRY, UpdateDetail.IMAGE_LOST);
        on(secondTravels(), read(application(2, 0, "1.0"), modem(0, 12, "1.0")))
                .takes("D8")
                .leadsTo(FAILED, UpdateDetail.CONFLICTING_STATE)
                .asking("reset by empty-uri");
    }

    @Test
    void a_push_goes_on_with_a_push() {
        UpdateFixture.Around pushes = around().preferring(UpdatePolicy.DeliveryChoice.PUSH);
        UpdateSignal free = read(application(0, 0, "1.0"), modem(0, 0, "1.0"));
        Update first = ROWS.on(reading(), free, pushes).takes("C12").next();
        Update confirming =
                ROWS.on(first, new PackageAccepted(), pushes).takes("D1").next();
        ROWS.on(confirming, read(application(2, 0, "1.0"), modem(0, 0, "1.0")), pushes)
                .takes("V1")
                .asking("observe", "push");
    }

    @Test
    void what_is_called_off_is_called_off_on_every_component() {
        Taken off = on(secondTravels(), new CancelAsked(UpdateDetail.KILLED))
                .takes("X2")
                .leadsTo(CANCELLED, UpdateDetail.KILLED)
                .asking("cancel", "cancel");
        assertThat(off.step().commands())
                .extracting(command ->
                        ((UpdateCommand.CancelDownload) command).slot().toString())
                .containsExactly("/33629/0", "/33629/2");
    }
}
