package wavegate.bootstrap.account;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.TextNode;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.concurrent.ConcurrentSkipListMap;
import wavegate.bootstrap.account.Account.Served;

/** All accounts and overrides of one bootstrap server. */
public final class Accounts implements AutoCloseable {
    private static final String ACCOUNT = "account/";
    private static final String OVERRIDE = "override/";

    private final Journal journal;
    private final List<Rule> rules;
    private final ConcurrentSkipListMap<String, Account> accounts = new ConcurrentSkipListMap<>();
    private final ConcurrentSkipListMap<String, String> overrides = new ConcurrentSkipListMap<>();

    private Accounts(Journal journal, List<Rule> rules) {
        this.journal = journal;
        this.rules = List.copyOf(rules);
    }

    /**
     * @param rules in the order in which they are tried
     * @throws IOException if the file cannot be used, or is damaged
     */
    public static Accounts open(Path file, List<Rule> rules) throws IOException {
        Journal.Opened opened = Journal.open(file);
        Accounts accounts = new Accounts(opened.journal(), rules);
        try {
            for (Map.Entry<String, JsonNode> entry : opened.values().entrySet()) {
                String key = entry.getKey();
                if (key.startsWith(ACCOUNT)) {
                    accounts.accounts.put(key.substring(ACCOUNT.length()), AccountJson.read(entry.getValue()));
                } else if (key.startsWith(OVERRIDE)) {
                    accounts.overrides.put(
                            key.substring(OVERRIDE.length()), entry.getValue().asText());
                }
            }
            return accounts;
        } catch (IllegalArgumentException | java.time.DateTimeException e) {
            opened.journal().close();
            throw new IOException(file + ": " + e.getMessage(), e);
        }
    }

    public Optional<Account> find(String endpoint) {
        return Optional.ofNullable(accounts.get(endpoint));
    }

    /** The account of a device, or the one a rule would make for it. Changes nothing. */
    public Optional<Account> findOrImagine(String endpoint) {
        return find(endpoint).or(() -> rules.stream()
                .filter(rule -> rule.fits(endpoint))
                .findFirst()
                .map(rule -> rule.accountFor(endpoint)));
    }

    public List<Rule> rules() {
        return rules;
    }

    /** @param after last endpoint seen; empty for the first page */
    public List<Account> page(String after, int limit) {
        return accounts.tailMap(after, false).values().stream().limit(limit).toList();
    }

    public int count() {
        return accounts.size();
    }

    /** Adds or replaces; what is known of its last session stays. */
    public synchronized Account put(Account account) throws IOException {
        Account merged = account.last().isPresent()
                ? account
                : find(account.endpoint())
                        .flatMap(Account::last)
                        .map(account::served)
                        .orElse(account);
        journal.put(ACCOUNT + account.endpoint(), AccountJson.write(merged));
        accounts.put(account.endpoint(), merged);
        return merged;
    }

    /** Many with one write, as {@link #put}; those that are there already and equal are passed over. */
    public synchronized int putAll(Collection<Account> many) throws IOException {
        Map<String, JsonNode> changed = new LinkedHashMap<>();
        List<Account> merged = new ArrayList<>();
        for (Account account : many) {
            Optional<Account> before = find(account.endpoint());
            Account now = before.flatMap(Account::last).map(account::served).orElse(account);
            if (!before.equals(Optional.of(now))) {
                changed.put(ACCOUNT + now.endpoint(), AccountJson.write(now));
                merged.add(now);
            }
        }
        if (!changed.isEmpty()) {
            journal.putAll(changed);
            merged.forEach(account -> accounts.put(account.endpoint(), account));
        }
        return merged.size();
    }

    /** @return false if there was none */
    public synchronized boolean remove(String endpoint) throws IOException {
        if (!accounts.containsKey(endpoint)) {
            return false;
        }
        journal.remove(ACCOUNT + endpoint);
        accounts.remove(endpoint);
        return true;
    }

    /** A session has ended well. An account that a rule imagined becomes a real one. */
    public Account served(Account account, Served session) throws IOException {
        return put(find(account.endpoint()).orElse(account).served(session));
    }

    /** Name of the shard an operator wants the device in. */
    public Optional<String> override(String endpoint) {
        return Optional.ofNullable(overrides.get(endpoint));
    }

    /** All of them, by endpoint; a live view. */
    public SortedMap<String, String> overrides() {
        return java.util.Collections.unmodifiableSortedMap(overrides);
    }

    public synchronized void override(String endpoint, String shard) throws IOException {
        Terms.require(Account.isEndpoint(endpoint), "endpoint", "", "1 to 64 of A-Z a-z 0-9 : . _ -");
        journal.put(OVERRIDE + endpoint, TextNode.valueOf(shard));
        overrides.put(endpoint, shard);
    }

    /** @return false if there was none */
    public synchronized boolean removeOverride(String endpoint) throws IOException {
        if (!overrides.containsKey(endpoint)) {
            return false;
        }
        journal.put(OVERRIDE + endpoint, JsonNodeFactory.instance.nullNode());
        overrides.remove(endpoint);
        return true;
    }

    @Override
    public void close() throws IOException {
        journal.close();
    }
}
