package wavegate.server.bench;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.List;
import java.util.Locale;

/** What a campaign over a large fleet took, figure by figure. */
public record CampaignReport(CampaignPlan plan, List<Figure> figures) implements BenchResult {
    private static final int NAME_WIDTH = 62;

    /**
     * One figure and its goal.
     *
     * @param atMost whether the goal is a bound from above
     */
    public record Figure(String name, double value, double goal, boolean atMost, String unit) {
        boolean met() {
            return atMost ? value <= goal : value >= goal;
        }
    }

    public CampaignReport {
        figures = List.copyOf(figures);
    }

    boolean met() {
        return figures.stream().allMatch(Figure::met);
    }

    @Override
    public String table() {
        StringBuilder text = new StringBuilder(String.format(
                Locale.ROOT,
                "%n%,d devices, %,d of them there, %,d records before, %d MiB heap%n%n",
                plan.devices(),
                plan.live(),
                plan.records(),
                plan.heapMiB()));
        for (Figure figure : figures) {
            text.append(String.format(
                    Locale.ROOT,
                    "%-" + NAME_WIDTH + "s %,12.1f %-4s goal %s %,.0f: %s%n",
                    figure.name(),
                    figure.value(),
                    figure.unit(),
                    figure.atMost() ? "<=" : ">=",
                    figure.goal(),
                    figure.met() ? "met" : "not met"));
        }
        return text.toString();
    }

    @Override
    public ObjectNode json() {
        ObjectNode root = JsonNodeFactory.instance.objectNode();
        root.put("devices", plan.devices())
                .put("live", plan.live())
                .put("records", plan.records())
                .put("heapMiB", plan.heapMiB())
                .put("met", met());
        var list = root.putArray("figures");
        figures.forEach(figure -> list.addObject()
                .put("name", figure.name())
                .put("value", figure.value())
                .put("unit", figure.unit())
                .put("goal", figure.goal())
                .put("met", figure.met()));
        return root;
    }
}
