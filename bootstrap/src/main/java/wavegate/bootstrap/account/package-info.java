/**
 * Who may bootstrap and what it is given: accounts of devices, rules that make accounts for factory credentials, the operator's overrides of
 * shards. Kept in a journal without secrets; reads answer from memory on any thread, writes are on disk when they return.
 */
@NullMarked
package wavegate.bootstrap.account;

import org.jspecify.annotations.NullMarked;
