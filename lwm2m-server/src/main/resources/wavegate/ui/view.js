// What a campaign looks like. Pure: from the API's JSON to elements; nothing here talks to the server.

/** Makes an element: h("p", {class: "soft", onclick: f}, "text", child). Text is always text, never markup. */
export function h(tag, attributes = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (name.startsWith("on")) element.addEventListener(name.slice(2), value);
    else if (value !== false && value != null) element.setAttribute(name, value === true ? "" : value);
  }
  element.append(...children.flat().filter((child) => child != null && child !== false));
  return element;
}

const GROUPS = [
  ["updated", "updated", ["SUCCESS"]],
  ["applying", "applying", ["UPDATING", "VERIFY_POST"]],
  ["moving", "under way", ["CHECKING", "DOWNLOADING", "VERIFYING", "PRE_UPDATING", "RETRY"]],
  ["failed", "failed", ["FAILED", "ROLLBACK"]],
  ["lost", "lost", ["LOST"]],
  ["left", "left out", ["SKIPPED", "CANCELLED"]],
  ["waiting", "waiting", ["IDLE"]],
];

const CAMPAIGN_MOOD = {
  DRAFT: "idle", SCHEDULED: "busy", RUNNING: "busy", PAUSED: "warn", ABORTING: "bad", ABORTED: "bad",
  COMPLETED: "good", COMPLETED_WITH_FAILURES: "warn",
};
const WAVE_MOOD = {
  PENDING: "idle", DISPATCHING: "busy", SETTLING: "busy", SOAKING: "busy", PASSED: "good", FAILED: "bad", HELD: "warn", CANCELLED: "idle",
};
const GATE = {
  PENDING: ["idle", "·", "closed"], DISPATCHING: ["idle", "·", "closed"], SETTLING: ["idle", "·", "closed"],
  SOAKING: ["busy", "…", "watching"], PASSED: ["good", "✓", "passed"], FAILED: ["bad", "✕", "failed"],
  HELD: ["warn", "?", "held"], CANCELLED: ["idle", "–", "not judged"],
};
const VERDICT = { PASS: ["good", "✓ PASS"], FAIL: ["bad", "✕ FAIL"], INCONCLUSIVE: ["warn", "? INCONCLUSIVE"] };

const count = (number) => Number(number).toLocaleString("en");
const words = (constant) => constant.toLowerCase().replaceAll("_", " ");
const time = (iso) => (iso ? new Date(iso).toLocaleTimeString("en-GB", { hour12: false }) : "–");
const state = (text, mood) => h("span", { class: `state ${mood}` }, words(text));

export function campaignList(campaigns, current) {
  if (campaigns.length === 0) {
    return h("nav", { class: "card", "aria-label": "Campaigns" }, h("h2", {}, "Campaigns"),
      h("p", { class: "soft" }, "None yet. Make one with "), h("code", {}, "wavegate campaign create --package ID --start"));
  }
  return h("nav", { class: "card", "aria-label": "Campaigns" }, h("h2", {}, "Campaigns"),
    h("ul", { class: "list" }, campaigns.map((c) => h("li", {},
      h("a", { href: `#${encodeURIComponent(c.id)}`, "data-key": `open ${c.id}`, "aria-current": c.id === current ? "page" : false },
        h("strong", {}, c.name), " ", state(c.phase, CAMPAIGN_MOOD[c.phase] ?? "idle"),
        h("div", { class: "soft" }, `${count(c.phases.SUCCESS ?? 0)} of ${count(c.devices)} updated`))))));
}

export function campaign(c, receipt, onAction) {
  return h("div", { class: "view" },
    header(c, onAction),
    receipt && receiptCard(receipt),
    c.waves.length > 0 && h("section", { class: "card" }, h("h2", {}, "Waves"), toScale(c.waves),
      h("div", { class: "strip" }, c.waves.flatMap((wave, i) => (i === c.waves.length - 1 ? [waveCard(wave)] : [waveCard(wave), diamond(wave)])))),
    h("div", { class: "two" }, gatePanel(c), counters(c)));
}

function header(c, onAction) {
  const others = c.allowedActions.filter((action) => action !== "decide");
  const held = c.waves.find((wave) => wave.phase === "HELD");
  const ended = c.endedAt !== null;
  return h("section", { class: "card head" },
    h("div", {},
      h("h1", {}, c.name, " ", state(c.phase, CAMPAIGN_MOOD[c.phase] ?? "idle")),
      h("p", { class: "why" }, why(c)),
      h("p", { class: "soft" }, "campaign ", h("code", {}, c.id), ", package ", h("code", {}, c.package), ", started ", time(c.startedAt))),
    h("div", { class: "buttons" },
      c.allowedActions.includes("decide") && held && [
        h("button", { type: "button", "data-key": "pass", onclick: () => onAction("pass", held) }, "Pass wave " + held.index),
        h("button", { type: "button", class: "quiet", "data-key": "fail", onclick: () => onAction("fail", held) }, "Fail wave " + held.index)],
      others.map((action) => h("button", { type: "button", class: "quiet", "data-key": action, onclick: () => onAction(action) }, words(action))),
      !ended && h("button", { type: "button", class: "stop", "data-key": "stop", onclick: () => onAction("stop") }, "STOP")));
}

function why(c) {
  if (c.reason) return c.reason;
  const open = c.waves.find((wave) => !["PENDING", "PASSED", "FAILED", "CANCELLED"].includes(wave.phase));
  if (open) return `${waveName(open)} is ${words(open.phase)}${open.reason ? ": " + open.reason : open.soakUntil ? ", watched until " + time(open.soakUntil) : ""}`;
  return { DRAFT: "Not started.", SCHEDULED: "Energy use is watched before the first device is touched.",
    COMPLETED: "Every device that could be updated is.", COMPLETED_WITH_FAILURES: "Ended; some devices were not updated." }[c.phase] ?? "";
}

const waveName = (wave) => (wave.index === 0 ? "Canary" : `Wave ${wave.index}`);

function grouped(phases, notReserved) {
  return GROUPS.map(([key, label, members]) => {
    const sum = members.reduce((total, phase) => total + (phases[phase] ?? 0), 0);
    return { key, label, count: key === "waiting" ? sum + notReserved : sum };
  }).filter((group) => group.count > 0);
}

function stackedBar(wave, groups) {
  const bar = h("div", { class: "bar", role: "img", "aria-label": `${waveName(wave)}: ${groups.map((g) => `${g.count} ${g.label}`).join(", ")}` });
  for (const group of groups) {
    const part = h("span", { class: `p-${group.key}`, title: `${group.count} ${group.label}` });
    part.style.width = `${(100 * group.count) / Math.max(1, wave.size)}%`;
    bar.append(part);
  }
  return bar;
}

/** All waves on one line, each as wide as its share of the devices. */
function toScale(waves) {
  return h("div", { class: "scale" }, waves.map((wave) => {
    const part = h("div", { title: `${waveName(wave)}: ${count(wave.size)} devices` }, stackedBar(wave, grouped(wave.phases, wave.notReserved)), String(wave.index));
    part.style.flexGrow = wave.size;
    return part;
  }));
}

function waveCard(wave) {
  const groups = grouped(wave.phases, wave.notReserved);
  const open = !["PENDING", "PASSED", "FAILED", "CANCELLED"].includes(wave.phase);
  return h("article", { class: open ? "wave open" : "wave" },
    h("h3", {}, waveName(wave), state(wave.phase, WAVE_MOOD[wave.phase] ?? "idle")),
    stackedBar(wave, groups),
    h("ul", { class: "counts" }, groups.map((group) => h("li", {}, h("span", { class: `swatch p-${group.key}` }), group.label, h("b", {}, count(group.count))))),
    h("div", { class: "soft" }, `${count(wave.size)} devices`, wave.control > 0 ? `, ${count(wave.control)} control` : ""),
    // What let a wave pass is long, and nobody has to act on it: it shows when pointed at.
    wave.reason && (wave.phase === "PASSED" ? h("div", { class: "soft", title: wave.reason.replaceAll("; ", "\n") }, "by its gate") : h("div", {}, wave.reason)));
}

function diamond(wave) {
  const [mood, sign, text] = GATE[wave.phase] ?? GATE.PENDING;
  return h("div", { class: `diamond ${mood}`, role: "img", "aria-label": `gate after ${waveName(wave)}: ${text}` },
    h("i", {}, h("b", {}, sign)), text);
}

function gatePanel(c) {
  if (!c.gate) {
    return h("section", { class: "card" }, h("h2", {}, "Gate"), h("p", { class: "soft" }, "Nothing to judge yet."));
  }
  const [mood, text] = VERDICT[c.gate.verdict];
  return h("section", { class: "card" },
    h("h2", {}, `Gate of ${c.gate.wave === 0 ? "the canary" : "wave " + c.gate.wave} `, h("span", { class: `state ${mood}` }, text)),
    h("p", { class: "why" }, c.gate.reason),
    h("p", { class: "soft" }, `looked at ${time(c.gate.at)}${c.gate.guardrail ? ", guardrail" : ""}, ledger sequence ${c.gate.sequence}`),
    c.gate.metrics.map(metric));
}

function metric(m) {
  const [mood, text] = VERDICT[m.verdict];
  return h("div", { class: "metric" },
    h("h3", {}, m.metric.replaceAll("-", " "), h("span", { class: `state ${mood}` }, text)),
    h("p", {}, m.reason),
    h("dl", { class: "figures" }, Object.entries(m.figures).map(([name, value]) => h("div", {}, h("dt", {}, name.replaceAll("-", " ")), h("dd", {}, figure(name, value))))));
}

/** Figures are plain numbers; a time among them is epoch milliseconds, and one out of range means there is none. */
function figure(name, value) {
  if (value === null || Math.abs(value) >= 1e15) return "–";
  if (/(^|-)(at|until|from|since)$/.test(name) && value > 1e11) return time(new Date(value).toISOString());
  if (Number.isInteger(value)) return count(value);
  return Math.abs(value) >= 1e5 || Math.abs(value) < 1e-3 ? value.toExponential(2) : value.toPrecision(4);
}

function counters(c) {
  const phases = Object.entries(c.phases);
  const reasons = Object.entries(c.reasons).sort((a, b) => b[1] - a[1]);
  const row = ([name, number]) => h("tr", {}, h("td", {}, name), h("td", { class: "n" }, count(number)));
  return h("section", { class: "card" }, h("h2", {}, "Devices"),
    h("table", {}, h("thead", {}, h("tr", {}, h("th", {}, "Phase"), h("th", { class: "n" }, "Devices"))),
      h("tbody", {}, c.notReserved > 0 && row(["not yet reserved", c.notReserved]), phases.map(row))),
    h("p", {}),
    reasons.length === 0
      ? h("p", { class: "soft" }, "No device has ended in anything but SUCCESS.")
      : h("table", {}, h("thead", {}, h("tr", {}, h("th", {}, "Ended because"), h("th", { class: "n" }, "Devices"))), h("tbody", {}, reasons.map(row))));
}

function receiptCard(r) {
  const pair = (name, value) => [h("dt", {}, name), h("dd", {}, value)];
  const exact = (iso) => (iso ? iso.replace("T", " ").replace("Z", " UTC") : "none before");
  return h("section", { class: "card receipt", role: "status" }, h("h2", {}, "Stopped"),
    h("dl", {},
      pair("fence raised", exact(r.fenceRaisedAt)),
      pair("last dispatch", exact(r.lastDispatchAt)),
      pair("durable", exact(r.acknowledgedAt)),
      pair("called off", `${count(r.cancelled)} updates`),
      pair("left alone", `${count(r.leftAlone)} applying or proving`),
      pair("reason", r.killSwitch.reason)),
    h("p", { class: "soft" }, "In force until it is lifted: ", h("code", {}, `wavegate kill lift ${r.killSwitch.id} --reason TEXT`)));
}

export function killBanner(kills) {
  return kills.map((kill) => h("div", { class: "kill" },
    `■ STOPPED: ${kill.scope}${kill.value ? " " + kill.value : ""}, since ${time(kill.raisedAt)} by ${kill.by}: ${kill.reason}`));
}

export function tokenPrompt(message, onToken) {
  const input = h("input", { id: "token", type: "password", autocomplete: "off", required: true });
  return h("form", { class: "card token", onsubmit: (event) => { event.preventDefault(); onToken(input.value.trim()); } },
    h("h1", {}, "Token"),
    h("p", { class: "soft" }, "Printed by the server at its first start. It is kept until this tab is closed."),
    h("label", { for: "token" }, "Bearer token"), input,
    h("p", { class: "error", role: "alert" }, message),
    h("div", { class: "buttons" }, h("button", { type: "submit" }, "Open")));
}
