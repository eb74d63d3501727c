package wavegate.sim.terminal;

import wavegate.sim.device.ModuleIdentity;

/**
 * One terminal as it is.
 *
 * @param answers questions that were answered with something to do or to wait for
 * @param refusals questions that were refused, or not answered at all
 * @param offers downloads begun; {@code applies}: images applied, whether they started or not; {@code reverts}: those that did not
 * @param runsSha256 of the package it runs, as it received it; empty for what it left the factory with
 * @param lastResult in OMA's codes, of the newest update
 */
public record TerminalReport(
        ModuleIdentity identity,
        String version,
        String runsSha256,
        long answers,
        long refusals,
        long offers,
        long applies,
        long reverts,
        long discards,
        long boots,
        long crashes,
        long bytes,
        int lastResult) {}
