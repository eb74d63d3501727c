package wavegate.firmware.device;

import cz.jirutka.rsql.parser.RSQLParser;
import cz.jirutka.rsql.parser.RSQLParserException;
import cz.jirutka.rsql.parser.UnknownOperatorException;
import cz.jirutka.rsql.parser.ast.AndNode;
import cz.jirutka.rsql.parser.ast.ComparisonNode;
import cz.jirutka.rsql.parser.ast.ComparisonOperator;
import cz.jirutka.rsql.parser.ast.LogicalNode;
import cz.jirutka.rsql.parser.ast.Node;
import cz.jirutka.rsql.parser.ast.RSQLOperators;
import java.time.Duration;
import java.time.Instant;
import java.time.format.DateTimeParseException;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.function.Predicate;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import wavegate.firmware.device.QuerySelector.Sight;
import wavegate.firmware.pkg.FirmwareVersion;

/**
 * Which devices are meant, in RSQL: {@code region=in=(eu-1,eu-2);firmware<1.4.0;(battery>=40,tag==mains)}; {@code ;} is and, {@code ,} is or. A
 * device that has no value for what is asked meets only {@code !=} and {@code =out=}. Two queries are equal if their texts are. Immutable, any thread.
 */
public final class DeviceQuery {
    public static final int LONGEST = 4096;
    private static final int DEEPEST = 16;
    private static final int MOST_COMPARISONS = 128;
    private static final int MOST_ARGUMENTS = 256;

    private static final Set<ComparisonOperator> OPERATORS = Set.of(
            RSQLOperators.EQUAL,
            RSQLOperators.NOT_EQUAL,
            RSQLOperators.IN,
            RSQLOperators.NOT_IN,
            RSQLOperators.LESS_THAN,
            RSQLOperators.LESS_THAN_OR_EQUAL,
            RSQLOperators.GREATER_THAN,
            RSQLOperators.GREATER_THAN_OR_EQUAL);
    private static final String OPERATOR_NAMES = "==, !=, =in=, =out=, <, <=, >, >=";
    private static final String EQUALITY_NAMES = "==, !=, =in=, =out=";
    private static final Pattern AGO = Pattern.compile("-(\\d{1,9})([smhd])");
    private static final Pattern ENDED = Pattern.compile("Encountered:?[\\s\"]*<EOF>");
    private static final Pattern COLUMN = Pattern.compile("column (\\d+)");

    private final String text;
    private final Predicate<Sight> meaning;

    private DeviceQuery(String text, Predicate<Sight> meaning) {
        this.text = text;
        this.meaning = meaning;
    }

    /** @throws IllegalArgumentException that names what is wrong and where, if this is no query */
    public static DeviceQuery parse(String text) {
        bounded(text);
        try {
            Node root = new RSQLParser(OPERATORS).parse(text);
            return new DeviceQuery(text, new Compiler(text).compile(root));
        } catch (RSQLParserException e) {
            throw new IllegalArgumentException(syntax(text, e.getCause() == null ? e : e.getCause()), e);
        }
    }

    /** Whether the device is meant, as things stand. */
    public boolean matches(Device device, DeviceStanding standing, Instant now) {
        return meaning.test(new Sight(device, standing, now));
    }

    /** Both queries at once. */
    public DeviceQuery and(DeviceQuery other) {
        return parse("(" + text + ");(" + other.text + ")");
    }

    /** As it was written. */
    public String text() {
        return text;
    }

    /** Before the parser, which recurses, sees it. */
    private static void bounded(String text) {
        if (text.isBlank() || text.length() > LONGEST) {
            throw new IllegalArgumentException(
                    "filter of " + text.length() + " characters (expected: 1 to " + LONGEST + ")");
        }
        int depth = 0;
        char quote = 0;
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (Character.isISOControl(c)) {
                throw new IllegalArgumentException(
                        "filter: a control character at position " + (i + 1) + " (expected: none)");
            }
            if (quote != 0) {
                if (c == '\\') {
                    i++;
                } else if (c == quote) {
                    quote = 0;
                }
            } else if (c == '"' || c == '\'') {
                quote = c;
            } else if (c == '(' && ++depth > DEEPEST) {
                throw new IllegalArgumentException("filter: parentheses " + depth + " deep at position " + (i + 1)
                        + " (expected: at most " + DEEPEST + ")");
            } else if (c == ')') {
                depth--;
            }
        }
    }

    private static String syntax(String text, Throwable cause) {
        if (cause instanceof UnknownOperatorException unknown) {
            String operator = unknown.getOperator();
            return "filter: operator " + printable(operator) + at(text, operator) + " (expected: one of "
                    + OPERATOR_NAMES + ")";
        }
        String said = String.valueOf(cause.getMessage());
        if (said.isEmpty() || ENDED.matcher(said).find()) {
            return "filter: ends too early, after position " + text.length()
                    + " (expected: selector operator value, ; for and, a comma for or)";
        }
        Matcher column = COLUMN.matcher(said);
        String where = column.find() ? " at position " + column.group(1) : "";
        return "filter: cannot be read" + where
                + " (expected: selector operator value, ; for and, a comma for or, quotes around what holds a blank)";
    }

    /** The place of a piece of the text, as people count; nothing where it is not to be found as it is. */
    private static String at(String text, String piece) {
        int index = text.indexOf(piece);
        return index < 0 ? "" : " at position " + (index + 1);
    }

    private static String printable(String text) {
        String head = text.length() > 64 ? text.substring(0, 64) + "..." : text;
        return "\"" + head.replaceAll("[^\\x20-\\x7e]", "?") + "\"";
    }

    /** One pass from the tree to a predicate. */
    private static final class Compiler {
        private final String text;
        private int comparisons;

        Compiler(String text) {
            this.text = text;
        }

        Predicate<Sight> compile(Node node) {
            if (node instanceof LogicalNode logical) {
                List<Predicate<Sight>> parts = new ArrayList<>();
                logical.forEach(child -> parts.add(compile(child)));
                boolean all = logical instanceof AndNode;
                return sight -> all
                        ? parts.stream().allMatch(part -> part.test(sight))
                        : parts.stream().anyMatch(part -> part.test(sight));
            }
            return comparison((ComparisonNode) node);
        }

        private Predicate<Sight> comparison(ComparisonNode node) {
            if (++comparisons > MOST_COMPARISONS || node.getArguments().size() > MOST_ARGUMENTS) {
                throw new IllegalArgumentException("filter: more than " + MOST_COMPARISONS + " comparisons, or "
                        + MOST_ARGUMENTS + " values in one (expected: fewer)");
            }
            if (node.getArguments().isEmpty()) {
                throw new IllegalArgumentException("filter: no value for selector " + printable(node.getSelector())
                        + place(node) + " (expected: at least one)");
            }
            QuerySelector selector = QuerySelector.named(node.getSelector())
                    .orElseThrow(() -> new IllegalArgumentException("filter: selector " + printable(node.getSelector())
                            + place(node) + " (expected: one of " + QuerySelector.labels() + ")"));
            ComparisonOperator operator = node.getOperator();
            boolean equality = operator.equals(RSQLOperators.EQUAL)
                    || operator.equals(RSQLOperators.NOT_EQUAL)
                    || operator.equals(RSQLOperators.IN)
                    || operator.equals(RSQLOperators.NOT_IN);
            if (!equality && !selector.kind().ordered()) {
                throw new IllegalArgumentException("filter: operator " + operator.getSymbol() + " on selector \""
                        + selector.label() + "\"" + place(node) + " (expected: one of " + EQUALITY_NAMES + ")");
            }
            List<Predicate<Sided>> tests = node.getArguments().stream()
                    .map(argument -> test(selector, operator, argument, node))
                    .toList();
            boolean negated = operator.equals(RSQLOperators.NOT_EQUAL) || operator.equals(RSQLOperators.NOT_IN);
            return sight -> negated
                    != selector.of(sight).stream()
                            .anyMatch(value -> tests.stream().anyMatch(one -> one.test(new Sided(value, sight.now()))));
        }

        private Predicate<Sided> test(
                QuerySelector selector, ComparisonOperator operator, String argument, ComparisonNode node) {
            try {
                return switch (selector.kind()) {
                    case TEXT -> side -> ClientMatch.like(argument, (String) side.value());
                    case TRUTH -> {
                        boolean wanted = truth(argument);
                        yield side -> side.value().equals(wanted);
                    }
                    case VERSION -> {
                        FirmwareVersion wanted = FirmwareVersion.of(argument);
                        yield side -> {
                            FirmwareVersion is = (FirmwareVersion) side.value();
                            return is.known() == wanted.known() && holds(operator, is.compareTo(wanted));
                        };
                    }
                    case NUMBER -> {
                        double wanted = number(argument);
                        yield side -> holds(operator, Double.compare((Double) side.value(), wanted));
                    }
                    case TIME -> time(operator, argument);
                };
            } catch (IllegalArgumentException e) {
                throw new IllegalArgumentException(
                        "filter: value " + printable(argument) + " of selector \"" + selector.label() + "\""
                                + place(node) + " (expected: " + selector.kind().expected() + ")",
                        e);
            }
        }

        private static Predicate<Sided> time(ComparisonOperator operator, String argument) {
            Matcher ago = AGO.matcher(argument);
            if (ago.matches()) {
                Duration before = duration(Long.parseLong(ago.group(1)), ago.group(2));
                return side -> holds(
                        operator, ((Instant) side.value()).compareTo(side.now().minus(before)));
            }
            Instant wanted;
            try {
                wanted = Instant.parse(argument);
            } catch (DateTimeParseException e) {
                throw new IllegalArgumentException(argument, e);
            }
            return side -> holds(operator, ((Instant) side.value()).compareTo(wanted));
        }

        private static Duration duration(long count, String unit) {
            return switch (unit) {
                case "s" -> Duration.ofSeconds(count);
                case "m" -> Duration.ofMinutes(count);
                case "h" -> Duration.ofHours(count);
                default -> Duration.ofDays(count);
            };
        }

        private static boolean truth(String argument) {
            return switch (argument) {
                case "true" -> true;
                case "false" -> false;
                default -> throw new IllegalArgumentException(argument);
            };
        }

        private static double number(String argument) {
            double number = Double.parseDouble(argument);
            if (!Double.isFinite(number)) {
                throw new IllegalArgumentException(argument);
            }
            return number;
        }

        /** The negated operators are turned round by who asks. */
        private static boolean holds(ComparisonOperator operator, int order) {
            if (operator.equals(RSQLOperators.LESS_THAN)) {
                return order < 0;
            }
            if (operator.equals(RSQLOperators.LESS_THAN_OR_EQUAL)) {
                return order <= 0;
            }
            if (operator.equals(RSQLOperators.GREATER_THAN)) {
                return order > 0;
            }
            if (operator.equals(RSQLOperators.GREATER_THAN_OR_EQUAL)) {
                return order >= 0;
            }
            return order == 0;
        }

        private String place(ComparisonNode node) {
            for (String symbol : node.getOperator().getSymbols()) {
                String where = at(text, node.getSelector() + symbol);
                if (!where.isEmpty()) {
                    return where;
                }
            }
            return at(text, node.getSelector());
        }
    }

    /** A value of a device beside the moment it is looked at. */
    private record Sided(Object value, Instant now) {}

    @Override
    public boolean equals(Object other) {
        return other instanceof DeviceQuery query && text.equals(query.text);
    }

    @Override
    public int hashCode() {
        return text.hashCode();
    }

    @Override
    public String toString() {
        return text;
    }
}
