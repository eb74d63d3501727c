package wavegate.sim.plot;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.StringReader;
import java.util.List;
import java.util.stream.IntStream;
import javax.xml.parsers.DocumentBuilderFactory;
import org.junit.jupiter.api.Test;
import org.w3c.dom.Document;
import org.xml.sax.InputSource;

class TimePlotTest {
    private static double[] seconds(int count) {
        return IntStream.range(0, count).asDoubleStream().toArray();
    }

    private static Document parsed(String svg) throws Exception {
        return DocumentBuilderFactory.newInstance().newDocumentBuilder().parse(new InputSource(new StringReader(svg)));
    }

    @Test
    void a_plot_is_well_formed_whatever_its_names_are() throws Exception {
        TimePlot plot = new TimePlot(
                "a \"b\" <c> & 'd'",
                false,
                seconds(3),
                List.of(new Series("<x>", new double[] {1, 2, 3})),
                List.of(new TimePlot.Mark(1, "<mark>")));

        Document document = parsed(plot.svg());

        assertThat(document.getDocumentElement().getAttribute("aria-label")).isEqualTo("a \"b\" <c> & 'd'");
        assertThat(document.getElementsByTagName("path").getLength()).isEqualTo(1);
        assertThat(plot.svg()).contains("&lt;mark&gt;");
    }

    @Test
    void stacked_curves_lie_on_each_other() {
        String svg = new TimePlot(
                        "sum",
                        true,
                        new double[] {0, 10},
                        List.of(new Series("below", new double[] {10, 10}), new Series("above", new double[] {10, 10})),
                        List.of())
                .svg();

        // The axis goes from 0 at y 214 to 20 at y 22.
        assertThat(svg).contains("class=\"s0\" d=\"M58.0,118.0 746.0,118.0\"");
        assertThat(svg).contains("class=\"s1\" d=\"M58.0,22.0 746.0,22.0\"");
    }

    @Test
    void long_runs_are_thinned_to_means_and_an_empty_one_has_axes() throws Exception {
        double[] values = new double[3600];
        java.util.Arrays.fill(values, 1800, 3600, 100);

        String svg = new TimePlot("long", false, seconds(3600), List.of(new Series("v", values)), List.of()).svg();
        String path = svg.substring(svg.indexOf("class=\"s0\""));
        assertThat(path.substring(0, path.indexOf("/>")).split(" ")).hasSizeLessThan(365);
        assertThat(parsed(new TimePlot("none", true, new double[0], List.of(), List.of()).svg())
                        .getElementsByTagName("line")
                        .getLength())
                .isPositive();
    }

    @Test
    void a_curve_without_a_value_for_each_moment_is_refused() {
        assertThatThrownBy(() ->
                        new TimePlot("bad", false, seconds(3), List.of(new Series("v", new double[] {1})), List.of()))
                .hasMessageContaining("series v: 1 values (expected: 3");
    }

    @Test
    void axes_have_round_numbers() {
        assertThat(Ticks.of(4750, 4)).containsExactly(0.0, 2000.0, 4000.0, 6000.0);
        assertThat(Ticks.of(0, 4)).startsWith(0.0).hasSizeGreaterThan(1);
        assertThat(Ticks.text(20_000)).isEqualTo("20k");
        assertThat(Ticks.text(1_500_000)).isEqualTo("1.5M");
        assertThat(Ticks.text(0.25)).isEqualTo("0.25");
        assertThat(Ticks.ofSeconds(600, 8)).containsExactly(0.0, 120.0, 240.0, 360.0, 480.0, 600.0);
        assertThat(Ticks.time(150)).isEqualTo("2:30");
    }
}
