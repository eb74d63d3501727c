// Keeps what the server says and redraws. One event stream feeds everything; orders are single calls.
import { campaign, campaignList, h, killBanner, tokenPrompt } from "./view.js";

const RECONNECT_MS = 2000;
const byId = (id) => document.getElementById(id);

const campaigns = new Map();
const receipts = new Map();
let kills = [];
let drawn = false;
// A button that is replaced between press and release is never clicked; STOP must not be lost to a redraw.
let pressed = false;

const token = () => sessionStorage.getItem("wavegate-token");
const selected = () => decodeURIComponent(location.hash.slice(1));

class Refused extends Error {}

async function call(method, path, body) {
  const response = await fetch(`/api/v1${path}`, {
    method,
    headers: { Authorization: `Bearer ${token()}`, ...(body && { "Content-Type": "application/json" }) },
    body: body && JSON.stringify(body),
  });
  const answer = response.status === 204 ? {} : await response.json();
  if (!response.ok) throw new Refused(answer.detail ?? `status ${response.status}`);
  return answer;
}

function draw() {
  if (drawn || pressed) return;
  drawn = true;
  requestAnimationFrame(() => {
    drawn = false;
    if (!token() || pressed) return;
    const focused = document.activeElement?.dataset.key;
    byId("kills").replaceChildren(...killBanner(kills));
    const all = [...campaigns.values()].sort((a, b) => b.createdAt.localeCompare(a.createdAt));
    const current = campaigns.get(selected()) ?? all[0];
    byId("main").replaceChildren(h("div", { class: "split" },
      campaignList(all, current?.id),
      current
        ? campaign(current, receipts.get(current.id), (action, wave) => order(current, action, wave))
        : h("section", { class: "card" }, h("h1", {}, "No campaign"), h("p", { class: "soft" }, "What is started from now on appears here by itself."))));
    if (focused) document.querySelector(`[data-key="${CSS.escape(focused)}"]`)?.focus();
    document.title = current ? `${current.name}: ${current.phase.toLowerCase()} – Wavegate` : "Wavegate";
  });
}

function order(current, action, wave) {
  const at = `/campaigns/${encodeURIComponent(current.id)}`;
  const orders = {
    stop: { title: "Stop this campaign now?", text: "No image, no block and no Execute leaves the server any more. Devices that are applying are left alone.", yes: "STOP",
      run: async (reason) => receipts.set(current.id, await call("POST", "/kill-switches", { scope: "campaign", value: current.id, reason })) },
    start: { title: "Start the campaign?", text: "Its members are fixed and the pre-window begins.", yes: "Start", free: true, run: () => call("POST", `${at}/actions/start`) },
    resume: { title: "Resume the campaign?", text: "It goes on where it was paused.", yes: "Resume", free: true, run: () => call("POST", `${at}/actions/resume`) },
    pause: { title: "Pause the campaign?", text: "Nothing new is begun until it is resumed.", yes: "Pause", run: (reason) => call("POST", `${at}/actions/pause`, { reason }) },
    abort: { title: "Abort the campaign?", text: "What has not been executed is called off. It cannot be resumed.", yes: "Abort", run: (reason) => call("POST", `${at}/actions/abort`, { reason }) },
    pass: { title: `Pass wave ${wave?.index}?`, text: wave?.reason ?? "", yes: "Pass", run: (reason) => call("POST", `${at}/waves/${wave.index}/actions/decide`, { verdict: "pass", reason }) },
    fail: { title: `Fail wave ${wave?.index}?`, text: wave?.reason ?? "", yes: "Fail", run: (reason) => call("POST", `${at}/waves/${wave.index}/actions/decide`, { verdict: "fail", reason }) },
  };
  ask(orders[action]);
}

function ask({ title, text, yes, free = false, run }) {
  const dialog = byId("ask");
  byId("ask-title").textContent = title;
  byId("ask-text").textContent = text;
  byId("ask-yes").textContent = yes;
  byId("ask-yes").className = yes.startsWith("STOP") ? "stop" : "";
  byId("ask-error").textContent = "";
  byId("ask-label").hidden = free;
  byId("ask-reason").hidden = free;
  byId("ask-reason").value = "";
  byId("ask-form").onsubmit = async (event) => {
    event.preventDefault();
    const reason = byId("ask-reason").value.trim();
    if (!free && !reason) {
      byId("ask-error").textContent = "A reason is needed.";
      return;
    }
    byId("ask-yes").disabled = true;
    try {
      await run(reason);
      dialog.close();
      draw();
    } catch (failure) {
      byId("ask-error").textContent = failure instanceof Refused ? failure.message : "The server does not answer.";
    } finally {
      byId("ask-yes").disabled = false;
    }
  };
  dialog.showModal();
}

function take(type, data) {
  if (type === "campaign") campaigns.set(data.id, data);
  else if (type === "kill-switches") kills = data.items;
  else return;
  draw();
}

/** EventSource cannot carry a bearer token, so the stream is read by hand. Returns when it ends. */
async function listen() {
  const response = await fetch("/api/v1/events", { headers: { Authorization: `Bearer ${token()}` } });
  if (response.status === 401) {
    sessionStorage.removeItem("wavegate-token");
    prompt("The server does not know this token.");
    return;
  }
  if (!response.ok) throw new Error(`status ${response.status}`);
  byId("link").textContent = "live";
  const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
  let pending = "";
  for (let chunk = await reader.read(); !chunk.done; chunk = await reader.read()) {
    pending += chunk.value;
    const events = pending.split("\n\n");
    pending = events.pop();
    for (const event of events) {
      const type = /^event: (.*)$/m.exec(event)?.[1];
      const data = /^data: (.*)$/m.exec(event)?.[1];
      if (type && data) take(type, JSON.parse(data));
    }
  }
}

async function run() {
  byId("forget").hidden = false;
  byId("stop-all").hidden = false;
  draw();
  while (token()) {
    try {
      await listen();
    } catch {
      // A server that restarts is back in a moment.
    }
    if (token()) {
      byId("link").textContent = "connection lost, trying again; what is shown may be old";
      await new Promise((wake) => setTimeout(wake, RECONNECT_MS));
    }
  }
}

function prompt(message = "") {
  byId("forget").hidden = true;
  byId("stop-all").hidden = true;
  byId("link").textContent = "not connected";
  byId("kills").replaceChildren();
  byId("main").replaceChildren(tokenPrompt(message, (value) => {
    sessionStorage.setItem("wavegate-token", value);
    run();
  }));
  byId("token").focus();
}

byId("ask-cancel").addEventListener("click", () => byId("ask").close());
byId("forget").addEventListener("click", () => {
  sessionStorage.removeItem("wavegate-token");
  location.reload();
});
byId("stop-all").addEventListener("click", () => ask({
  title: "Stop everything now?",
  text: "All campaigns in all regions. No image, no block and no Execute leaves the server any more until the kill switch is lifted.",
  yes: "STOP everything",
  run: async (reason) => {
    const receipt = await call("POST", "/kill-switches", { scope: "all", value: "", reason });
    campaigns.forEach((_, id) => receipts.set(id, receipt));
  },
}));
function press() {
  pressed = true;
}

function release() {
  setTimeout(() => {
    pressed = false;
    draw();
  });
}

addEventListener("pointerdown", press, true);
addEventListener("keydown", (event) => event.key === " " && press(), true);
for (const end of ["pointerup", "pointercancel", "keyup", "blur"]) addEventListener(end, release, true);
addEventListener("hashchange", draw);
if (token()) run();
else prompt();
