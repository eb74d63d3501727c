package wavegate.server;

import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAPackage;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAnyPackage;
import static com.tngtech.archunit.core.domain.properties.HasName.Predicates.nameMatching;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;

import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchRule;
import java.util.ArrayList;
import java.util.List;

/** Holds the direction of every arrow between packages. A rule that stands in the way is a reason to think again, rarely to change the rule. */
@AnalyzeClasses(packages = "wavegate", importOptions = ImportOption.DoNotIncludeTests.class)
class ArchitectureTest {
    /** From what knows nothing to what knows all below it. */
    private static final List<String> CORE =
            List.of("pkg", "object", "device", "update", "telemetry", "gate", "campaign", "event");

    private static final List<String> ADAPTERS = List.of(
            "registration",
            "delivery",
            "telemetry",
            "terminal",
            "mqtt",
            "store.memory",
            "store.mapdb",
            "artifact",
            "ledger",
            "api");

    @ArchTest
    static final ArchRule the_core_is_pure = classes()
            .that()
            .resideInAPackage("wavegate.firmware..")
            .should()
            .onlyDependOnClassesThat(resideInAnyPackage(
                            "wavegate.firmware..",
                            "java..",
                            "org.jspecify..",
                            "org.apache.commons.statistics..",
                            "cz.jirutka.rsql..")
                    .and(DescribedPredicate.not(resideInAnyPackage(
                            "java.io..", "java.net..", "java.nio.file..", "java.nio.channels..", "java.sql.."))))
            .because("decisions need no sockets, disks or libraries that have them");

    @ArchTest
    static final ArchRule the_core_asks_no_clock_and_draws_no_lots = noClasses()
            .that()
            .resideInAPackage("wavegate.firmware..")
            .should()
            .callMethod(System.class, "currentTimeMillis")
            .orShould()
            .callMethod(System.class, "nanoTime")
            .orShould()
            .callMethod(java.time.Instant.class, "now")
            .orShould()
            .callMethod(java.time.Clock.class, "systemUTC")
            .orShould()
            .callMethod(Math.class, "random")
            .orShould()
            .callMethod(java.util.UUID.class, "randomUUID")
            .orShould()
            .dependOnClassesThat()
            .haveFullyQualifiedName("java.util.concurrent.ThreadLocalRandom")
            .orShould()
            .dependOnClassesThat()
            .haveFullyQualifiedName("java.security.SecureRandom")
            .orShould()
            .dependOnClassesThat()
            .areAssignableTo(Thread.class)
            .because("time and chance come in as values, or nothing can be repeated");

    @ArchTest
    static final ArchRule the_loop_asks_no_clock_of_its_own = noClasses()
            .that()
            .resideInAPackage("wavegate.server.rollout..")
            .and()
            .doNotHaveSimpleName("SteadyClock")
            .should()
            .callMethod(System.class, "currentTimeMillis")
            .orShould()
            .callMethod(java.time.Instant.class, "now")
            .orShould()
            .callMethod(Math.class, "random")
            .orShould()
            .callMethod(java.util.UUID.class, "randomUUID")
            .because("the same loop runs under a simulated clock; SteadyClock is the real one it is given");

    @ArchTest
    static final ArchRule the_core_points_one_way = oneWay();

    private static ArchRule oneWay() {
        com.tngtech.archunit.library.Architectures.LayeredArchitecture layers =
                com.tngtech.archunit.library.Architectures.layeredArchitecture()
                        .consideringOnlyDependenciesInAnyPackage("wavegate.firmware..");
        for (String name : CORE) {
            layers = layers.layer(name).definedBy("wavegate.firmware." + name + "..");
        }
        for (int i = 0; i < CORE.size(); i++) {
            List<String> above = CORE.subList(i + 1, CORE.size());
            layers = above.isEmpty()
                    ? layers.whereLayer(CORE.get(i)).mayNotBeAccessedByAnyLayer()
                    : layers.whereLayer(CORE.get(i)).mayOnlyBeAccessedByLayers(above.toArray(String[]::new));
        }
        return layers;
    }

    @ArchTest
    static final ArchRule the_loop_points_only_at_the_core = classes()
            .that()
            .resideInAPackage("wavegate.server.rollout..")
            .should()
            .onlyDependOnClassesThat(resideInAnyPackage(
                    "wavegate.server.rollout..", "wavegate.firmware..", "java..", "org.slf4j..", "org.jspecify.."))
            .because("Leshan, MapDB and Vert.x stay outside the ports");

    @ArchTest
    static final ArchRule adapters_do_not_know_each_other = noAdapterKnowsAnother();

    private static ArchRule noAdapterKnowsAnother() {
        List<ArchRule> rules = new ArrayList<>();
        for (String adapter : ADAPTERS) {
            List<String> others = new ArrayList<>();
            for (String other : ADAPTERS) {
                if (!other.equals(adapter) && !mayUse(adapter, other)) {
                    others.add("wavegate.server." + other + "..");
                }
            }
            rules.add(noClasses()
                    .that()
                    .resideInAPackage("wavegate.server." + adapter + "..")
                    .should()
                    .dependOnClassesThat(resideInAnyPackage(others.toArray(String[]::new))
                            .or(resideInAPackage("wavegate.server.cli.."))
                            .or(nameMatching("wavegate\\.server\\.[A-Z].*"))));
        }
        return com.tngtech.archunit.lang.CompositeArchRule.of(rules);
    }

    /** Delivery and telemetry speak over the Leshan server that registration makes; the view keeps payloads in the ledger's encoding. */
    private static boolean mayUse(String adapter, String other) {
        return switch (adapter) {
            case "delivery", "telemetry" -> other.equals("registration");
            case "store.mapdb", "store.memory" -> other.equals("ledger");
            default -> false;
        };
    }

    @ArchTest
    static final ArchRule libraries_stay_in_their_adapters = noClasses()
            .that(resideOutside("api").and(resideOutside("delivery.http")))
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage("io.vertx..");

    @ArchTest
    static final ArchRule mapdb_stays_in_its_store = noClasses()
            .that(resideOutside("store.mapdb"))
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage("org.mapdb..");

    @ArchTest
    static final ArchRule mqtt_stays_in_its_adapter = noClasses()
            .that(resideOutside("mqtt"))
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage("org.eclipse.paho..");

    private static DescribedPredicate<JavaClass> resideOutside(String adapter) {
        return DescribedPredicate.not(resideInAPackage("wavegate.server." + adapter + ".."));
    }

    @ArchTest
    static final ArchRule the_simulator_shares_only_object_5_and_packages_with_the_server = noClasses()
            .that()
            .resideInAPackage("wavegate.sim..")
            .should()
            .dependOnClassesThat(resideInAPackage("wavegate.server..")
                    .or(resideInAPackage("wavegate.bootstrap.."))
                    .or(resideInAnyPackage(
                            "wavegate.firmware.device..",
                            "wavegate.firmware.update..",
                            "wavegate.firmware.telemetry..",
                            "wavegate.firmware.gate..",
                            "wavegate.firmware.campaign..",
                            "wavegate.firmware.event..")))
            .because("both sides would share one misreading");

    @ArchTest
    static final ArchRule settings_know_nothing_of_what_they_set = classes()
            .that()
            .resideInAPackage("wavegate.config..")
            .should()
            .onlyDependOnClassesThat(resideInAnyPackage(
                    "wavegate.config..", "java..", "com.fasterxml.jackson..", "org.yaml..", "org.jspecify.."));

    @ArchTest
    static final ArchRule no_package_is_in_a_circle =
            slices().matching("wavegate.(**)").should().beFreeOfCycles();
}
