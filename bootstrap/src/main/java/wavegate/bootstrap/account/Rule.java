package wavegate.bootstrap.account;

import java.util.Optional;
import java.util.SortedMap;

/**
 * An account for every device whose name fits and that proves a factory credential, or that comes plain where the terms allow it.
 *
 * @param name 1 to 64 of letters, digits, {@code . _ -}
 * @param match pattern of endpoint names; {@code *} stands for any characters, {@code ?} for one
 * @param labels given to each account it makes
 */
public record Rule(String name, String match, Terms terms, SortedMap<String, String> labels) {
    public Rule {
        Terms.require(name.matches("[A-Za-z0-9._-]{1,64}"), "rule", name, "1 to 64 of A-Z a-z 0-9 . _ -");
        Terms.require(match.matches("[A-Za-z0-9:._*?-]{1,64}"), "match of rule " + name, match, "like pump-*");
        // The same checks as an account's.
        labels = new Account("a", terms, labels, "rule " + name, Optional.empty()).labels();
    }

    /** Linear in the name for one star, and never worse than the product of both lengths. */
    public boolean fits(String endpoint) {
        int name = 0;
        int pattern = 0;
        int star = -1;
        int resume = 0;
        while (name < endpoint.length()) {
            if (pattern < match.length() && match.charAt(pattern) == '*') {
                star = pattern++;
                resume = name;
            } else if (pattern < match.length()
                    && (match.charAt(pattern) == '?' || match.charAt(pattern) == endpoint.charAt(name))) {
                pattern++;
                name++;
            } else if (star >= 0) {
                pattern = star + 1;
                name = ++resume;
            } else {
                return false;
            }
        }
        while (pattern < match.length() && match.charAt(pattern) == '*') {
            pattern++;
        }
        return pattern == match.length();
    }

    Account accountFor(String endpoint) {
        return new Account(endpoint, terms, labels, "rule " + name, Optional.empty());
    }
}
