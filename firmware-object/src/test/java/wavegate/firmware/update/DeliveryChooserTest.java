package wavegate.firmware.update;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import java.util.EnumSet;
import java.util.Locale;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import wavegate.firmware.object.UpdateProtocol;
import wavegate.firmware.update.DeliveryChooser.Abilities;
import wavegate.firmware.update.DeliveryChooser.Offer;

class DeliveryChooserTest {
    @ParameterizedTest(name = "{0}: {5}")
    @CsvSource(
            delimiter = '|',
            textBlock =
                    """
        what                              | dtls  | lists            | served                | refused     | is
        its own scheme                    | true  | coaps            | coap coaps            |             | coaps
        encrypted before clear            | true  | coap https       | coap https            |             | https
        coaps before https                | true  | coaps https      | coaps https           |             | coaps
        clear text is not offered         | true  | coap http        | coap http             |             | none
        list left out, key at hand        | true  | coap             | coap coaps            |             | coaps
        lists what is not served          | true  | http             | coaps                 |             | coaps
        without dtls coap first           | false | coap http coaps  | coap http coaps https |             | coap
        without dtls http before coaps    | false | coaps http       | coap http coaps       |             | http
        only https can be had             | false | https            | https                 |             | https
        nothing served                    | false | coap             |                       |             | none
        refused: the next one             | true  | coaps https      | coaps https           | coaps       | https
        refused: even if unlisted         | true  | coap             | coap coaps            | coaps       | none
        all refused                       | true  | coaps https      | coaps https           | coaps https | none
        """,
            useHeadersInDisplayName = true)
    void a_scheme_is_chosen(String what, boolean dtls, String lists, String served, String refused, String is) {
        Abilities device = new Abilities(dtls, schemes(lists), schemes(refused));

        assertThat(chosen(device, new Offer(schemes(served), false))).as(what).isEqualTo(is);
    }

    @ParameterizedTest
    @CsvSource({"coap http,coap", "http,http", "coaps http,coaps"})
    void clear_text_is_used_over_dtls_where_it_is_allowed_and_nothing_better_is_listed(String lists, String is) {
        Abilities device = new Abilities(true, schemes(lists), Set.of());

        assertThat(chosen(device, new Offer(EnumSet.allOf(UpdateProtocol.class), true)))
                .isEqualTo(is);
    }

    @ParameterizedTest(name = "wished {0}, pull {1}, push {2}, in vain {3}: pulls {4}")
    @CsvSource({
        "PULL, true,  true,  false, true",
        "PUSH, true,  true,  false, false",
        "PUSH, true,  false, false, true",
        "PULL, false, true,  false, false",
        "PULL, true,  true,  true,  false",
        "PULL, true,  false, true,  true"
    })
    void a_pull_in_vain_gives_way_to_a_push_where_there_is_one(
            UpdatePolicy.DeliveryChoice wished, boolean canPull, boolean canPush, boolean inVain, boolean pulls) {
        assertThat(DeliveryChooser.pulls(wished, canPull, canPush, inVain)).isEqualTo(pulls);
    }

    private static String chosen(Abilities device, Offer offer) {
        return DeliveryChooser.scheme(device, offer).map(UpdateProtocol::scheme).orElse("none");
    }

    private static Set<UpdateProtocol> schemes(String text) {
        return text == null
                ? Set.of()
                : Arrays.stream(text.split(" "))
                        .map(each -> UpdateProtocol.valueOf(each.toUpperCase(Locale.ROOT)))
                        .collect(Collectors.toSet());
    }
}
