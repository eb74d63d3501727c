package wavegate.firmware.campaign;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import wavegate.firmware.device.Endpoint;

/**
 * Membership as bytes. Equal memberships give equal bytes, so a digest can name them. ASCII lines, each ended by LF, for people too:
 *
 * <pre>
 * wavegate-membership 1
 * wave 0 members 2 control 1
 * member pump-17
 * member pump-4
 * control pump-9
 * wave 1 members 1 control 0
 * member pump-9
 * end 2
 * </pre>
 *
 * The counts and the last line tell a file that was cut or edited.
 */
public final class MembershipFile {
    private static final String HEADER = "wavegate-membership 1";

    private MembershipFile() {}

    public static byte[] encode(Membership membership) {
        StringBuilder text = new StringBuilder(HEADER).append('\n');
        for (int i = 0; i < membership.waves().size(); i++) {
            Membership.WaveMembers wave = membership.waves().get(i);
            text.append(waveLine(i, wave.members().size(), wave.control().size()))
                    .append('\n');
            wave.members()
                    .forEach(endpoint -> text.append("member ").append(endpoint).append('\n'));
            wave.control()
                    .forEach(
                            endpoint -> text.append("control ").append(endpoint).append('\n'));
        }
        text.append("end ").append(membership.waves().size()).append('\n');
        return text.toString().getBytes(StandardCharsets.US_ASCII);
    }

    private static String waveLine(int index, int members, int control) {
        return "wave " + index + " members " + members + " control " + control;
    }

    /** @throws IllegalArgumentException naming the line, if the bytes are not exactly what {@link #encode} writes */
    public static Membership decode(byte[] bytes) {
        return new Reader(new String(bytes, StandardCharsets.ISO_8859_1)).read();
    }

    private static final class Reader {
        private final String text;
        private int from;
        private int lineNumber;
        private String line = "";

        Reader(String text) {
            this.text = text;
        }

        Membership read() {
            List<Membership.WaveMembers> waves = new ArrayList<>();
            Set<Endpoint> members = new HashSet<>();
            next();
            expect(line.equals(HEADER), HEADER);
            next();
            while (line.startsWith("wave ")) {
                waves.add(wave(waves.size(), members));
            }
            expect(line.equals("end " + waves.size()), "a wave, or: end " + waves.size());
            expect(from == text.length(), "nothing after this line");
            return new Membership(waves);
        }

        private Membership.WaveMembers wave(int index, Set<Endpoint> membersSoFar) {
            String[] words = line.split(" ", -1);
            String form = waveLine(index, 0, 0).replace("members 0 control 0", "members N control N");
            expect(words.length == 6, form);
            int memberCount = count(words[3], form);
            int controlCount = count(words[5], form);
            expect(line.equals(waveLine(index, memberCount, controlCount)), form);
            next();
            List<Endpoint> members = endpoints("member ", memberCount, membersSoFar);
            // A control of this wave may be a member of a later one, so it is checked against what there is so far and
            // not kept.
            List<Endpoint> control = endpoints("control ", controlCount, new HashSet<>(0), membersSoFar);
            return new Membership.WaveMembers(members, control);
        }

        private int count(String word, String form) {
            expect(word.matches("[0-9]{1,9}"), form);
            return Integer.parseInt(word);
        }

        private List<Endpoint> endpoints(String prefix, int count, Set<Endpoint> seen) {
            return endpoints(prefix, count, seen, Set.of());
        }

        private List<Endpoint> endpoints(String prefix, int count, Set<Endpoint> seen, Set<Endpoint> barred) {
            List<Endpoint> endpoints = new ArrayList<>();
            for (int i = 0; i < count; i++) {
                String name = line.startsWith(prefix) ? line.substring(prefix.length()) : "";
                expect(Endpoint.isValid(name), prefix + "and an endpoint, " + (count - i) + " more of them");
                Endpoint endpoint = new Endpoint(name);
                expect(!barred.contains(endpoint) && seen.add(endpoint), "a device not named before");
                endpoints.add(endpoint);
                next();
            }
            return endpoints;
        }

        /** The next line; one without its LF is a torn one. */
        private void next() {
            lineNumber++;
            int end = text.indexOf('\n', from);
            if (end < 0) {
                line = text.substring(from);
                throw wrong("a line ended by LF; the file is cut");
            }
            line = text.substring(from, end);
            from = end + 1;
        }

        private void expect(boolean holds, String expected) {
            if (!holds) {
                throw wrong(expected);
            }
        }

        private IllegalArgumentException wrong(String expected) {
            String shown = line.length() > 80 ? line.substring(0, 80) + "..." : line;
            return new IllegalArgumentException("membership line " + lineNumber + ": \""
                    + shown.replaceAll("[^\\x20-\\x7e]", "?") + "\" (expected: " + expected + ")");
        }
    }
}
