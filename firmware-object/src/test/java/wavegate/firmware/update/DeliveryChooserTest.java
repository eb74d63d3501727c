package wavegate.firmware.update;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import java.util.EnumSet;
import java.util.Locale;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import wavegate.firmware.object.DeliveryMethod;
import wavegate.firmware.object.UpdateProtocol;
import wavegate.firmware.update.DeliveryChooser.Abilities;
import wavegate.firmware.update.DeliveryChooser.Choice;
import wavegate.firmware.update.DeliveryChooser.Offer;
import wavegate.firmware.update.UpdatePolicy.DeliveryChoice;

class DeliveryChooserTest {
    /** Failures: S for a stalled pull, B for a broken push. */
    @ParameterizedTest(name = "{0}: {8}")
    @CsvSource(
            delimiter = '|',
            textBlock =
                    """
        what                              | wish | dtls  | method | lists            | served                | refused | failed | is
        wish counts where both work       | pull | true  | both   | coaps            | coap coaps            |         |        | coaps
        wish counts where both work       | push | true  | both   | coaps            | coap coaps            |         |        | push
        pull only                         | push | true  | pull   | coaps            | coap coaps            |         |        | coaps
        push only                         | pull | true  | push   | coaps            | coap coaps            |         |        | push
        encrypted before clear            | pull | true  | both   | coap https       | coap https            |         |        | https
        coaps before https                | pull | true  | both   | coaps https      | coaps https           |         |        | coaps
        clear text is not offered         | pull | true  | both   | coap http        | coap http             |         |        | push
        clear text is not offered         | pull | true  | pull   | coap http        | coap http             |         |        | none
        list left out, key at hand        | pull | true  | both   | coap             | coap coaps            |         |        | coaps
        lists what is not served          | pull | true  | both   | http             | coaps                 |         |        | coaps
        without dtls coap first           | pull | false | both   | coap http coaps  | coap http coaps https |         |        | coap
        without dtls http before coaps    | pull | false | both   | coaps http       | coap http coaps       |         |        | http
        only https can be had             | pull | false | both   | https            | https                 |         |        | https
        nothing served                    | pull | false | both   | coap             |                       |         |        | push
        nothing served                    | pull | false | pull   | coap             |                       |         |        | none
        refused: the next one             | pull | true  | both   | coaps https      | coaps https           | coaps   |        | https
        refused: even if unlisted         | pull | true  | both   | coap             | coap coaps            | coaps   |        | push
        all refused                       | pull | true  | pull   | coaps https      | coaps https           | coaps https |    | none
        stalled once                      | pull | true  | both   | coaps            | coaps                 |         | S      | coaps
        stalled twice                     | pull | true  | both   | coaps            | coaps                 |         | SS     | push
        stalled twice, but pull only      | pull | true  | pull   | coaps            | coaps                 |         | SS     | coaps
        broke twice                       | push | true  | both   | coaps            | coaps                 |         | BB     | coaps
        broke twice, but push only        | push | true  | push   | coaps            | coaps                 |         | BB     | push
        both failed twice: the wish       | push | true  | both   | coaps            | coaps                 |         | SSBB   | push
        """,
            useHeadersInDisplayName = true)
    void a_way_is_chosen(
            String what,
            String wish,
            boolean dtls,
            String method,
            String lists,
            String served,
            String refused,
            String failed,
            String is) {
        Abilities device = new Abilities(
                dtls,
                DeliveryMethod.valueOf(method.toUpperCase(Locale.ROOT)),
                schemes(lists),
                schemes(refused),
                count(failed, 'S'),
                count(failed, 'B'));

        Choice choice = DeliveryChooser.choose(
                DeliveryChoice.valueOf(wish.toUpperCase(Locale.ROOT)), device, new Offer(schemes(served), false));

        assertThat(said(choice)).as(what).isEqualTo(is);
    }

    @ParameterizedTest
    @CsvSource({"coap http,coap", "http,http", "coaps http,coaps"})
    void clear_text_is_used_over_dtls_where_it_is_allowed_and_nothing_better_is_listed(String lists, String is) {
        Abilities device = new Abilities(true, DeliveryMethod.PULL, schemes(lists), Set.of(), 0, 0);

        Choice choice = DeliveryChooser.choose(
                DeliveryChoice.PULL, device, new Offer(EnumSet.allOf(UpdateProtocol.class), true));

        assertThat(said(choice)).isEqualTo(is);
    }

    private static String said(Choice choice) {
        return choice.scheme()
                .map(UpdateProtocol::scheme)
                .orElse(choice.intent().map(intent -> "push").orElse("none"));
    }

    private static Set<UpdateProtocol> schemes(String text) {
        return text == null
                ? Set.of()
                : Arrays.stream(text.split(" "))
                        .map(each -> UpdateProtocol.valueOf(each.toUpperCase(Locale.ROOT)))
                        .collect(Collectors.toSet());
    }

    private static int count(String text, char what) {
        return text == null
                ? 0
                : (int) text.chars().filter(each -> each == what).count();
    }
}
