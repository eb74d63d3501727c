package wavegate.firmware.gate;

/**
 * A device's first event of a metric beyond the built-in ones. Epoch milliseconds; 0 where not yet known.
 *
 * @param metric id of the rule
 * @param from first report of the counter after settling
 * @param countAtStart the counter then
 * @param firstAt its first growth
 */
public record EventEvidence(String metric, long from, long countAtStart, long firstAt) {}
