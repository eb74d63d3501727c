package wavegate.server.rollout;

import java.util.SortedMap;

/** What a rollout counts of itself, since the process began. Any thread. */
public interface RolloutFigures {
    /** An event that fitted no line of a table: counted and dropped. {@code event} is its name, such as {@code StatusRead}. */
    record Unfitting(String machine, String phase, String event) implements Comparable<Unfitting> {
        @Override
        public int compareTo(Unfitting other) {
            int byMachine = machine.compareTo(other.machine);
            int byPhase = byMachine != 0 ? byMachine : phase.compareTo(other.phase);
            return byPhase != 0 ? byPhase : event.compareTo(other.event);
        }
    }

    /** Of each invariant, none left out. */
    SortedMap<Invariant, Long> violations();

    SortedMap<Unfitting, Long> unfitting();
}
