/** The browser telephone. The service decides everything; this page plays, counts down, and tells what happens. */

import { draw, element, mark } from "./flow.js";
import { Player } from "./player.js";

const KEYS = "123456789*0#";
const NAMES = { "*": "こめじるし", "#": "シャープ" };
const WHAT = {
  play: "案内を流しています。", wait: "番号を待っています。", listen: "質問を聞いています。",
  transfer: "担当を呼び出しています。", line: "順番を待っています。",
};
const OFFLINE = "サービスにつながりません。サービスが動いているか確かめてください。";

const $ = (id) => document.getElementById(id);
const player = new Player();
const keys = new Map();
let call = null; // as the service showed it last
let turn = -1; // what is running here
let ticking = 0;
let drawn = "";
let asking = 0;
let last = Promise.resolve();

// -- the service ---------------------------------------------------------------------------------------------------

async function ask(path, body) {
  const sent = body && { method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify(body), keepalive: true };
  let answer;
  try {
    answer = await fetch(`/phone/api/${path}`, sent);
  } catch {
    throw new Error(OFFLINE);
  }
  const said = await answer.json().catch(() => ({}));
  if (answer.ok) return said;
  throw new Error(said.error?.message || (typeof said.detail === "string" && said.detail) || OFFLINE);
}

/** One after the other, so that a key and a timer arrive in their order. */
function inOrder(work) {
  last = last.then(work).then(() => { $("error").textContent = ""; }, (error) => { $("error").textContent = error.message; });
  return last;
}

function tell(kind, more = {}) {
  if (!call || call.over) return;
  const [id, at] = [call.id, turn];
  inOrder(async () => {
    try {
      show(await ask(`calls/${id}/inputs`, { turn: at, kind, ...more }));
    } catch (error) {
      if (call?.id === id && error.message !== OFFLINE) { call.over = true; show(call); }
      throw error;
    }
  });
}

// -- showing -------------------------------------------------------------------------------------------------------

function show(view) {
  call = view;
  showLines(view.lines);
  showFlow(view.flow);
  if (view.over) {
    if ($("call-panel").contains(document.activeElement)) $("call").focus(); // what is switched off loses the keyboard
    rest();
    $("what").textContent = "通話は終わりました。";
  } else if (view.turn !== turn) {
    turn = view.turn;
    run(view.doing);
  }
  $("call").textContent = view.over ? "発信" : "切る";
  $("call").classList.toggle("on", !view.over);
  for (const field of $("dial").elements) if (field.id !== "call") field.disabled = !view.over;
  for (const button of keys.values()) button.disabled = view.over;
  mark($("boxes"), view.over ? "" : `${view.flow}/${view.node}`, view.choice);
}

function showLines(lines) {
  const list = $("lines");
  if (lines.length < list.children.length) list.replaceChildren();
  for (const line of lines.slice(list.children.length)) {
    const item = document.createElement("li");
    item.className = line.who;
    item.append(element("time", line.at), line.text);
    list.append(item);
    $("scroll").scrollTop = $("scroll").scrollHeight;
  }
}

async function showFlow(id) {
  if (drawn === id) return;
  drawn = id;
  const flow = await ask(`flows/${id}`).catch(() => null);
  if (!flow || drawn !== id) { drawn = ""; return; }
  $("flow-name").textContent = flow.title;
  draw($("boxes"), flow.boxes);
  if (call && !call.over) mark($("boxes"), `${call.flow}/${call.node}`, call.choice);
}

async function forecast() {
  const asked = new URLSearchParams({ at: $("at").value, emergency: $("emergency").checked, busy: $("busy").checked });
  const mine = ++asking;
  try {
    const said = await ask(`forecast?${asked}`);
    if (mine !== asking) return;
    $("forecast").textContent = `${said.at}：${said.situation} → ${said.flow_title}`;
    if (!call || call.over) showFlow(said.flow);
  } catch (error) {
    if (mine === asking) $("forecast").textContent = error.message;
  }
}

// -- what the telephone does ---------------------------------------------------------------------------------------

function rest() {
  player.stop();
  clearInterval(ticking);
  $("countdown").textContent = "";
  $("skip").disabled = !call || call.over;
  $("person").hidden = $("listen").hidden = true;
  for (const button of keys.values()) button.classList.remove("asked");
  for (const line of document.querySelectorAll("#lines .now")) line.classList.remove("now");
}

function run(doing) {
  rest();
  $("what").textContent = call.person ? "担当と話しています。" : WHAT[doing?.kind] ?? "";
  if (!doing || call.person) return;
  $("person").hidden = doing.kind !== "transfer" && !call.in_line;
  for (const button of $("person").children) {
    button.hidden = doing.kind !== "transfer" && button.dataset.kind !== "connected";
  }
  if (doing.kind === "play") play(doing);
  else count(doing.seconds, () => timeUp(doing.kind));
  if (doing.kind === "wait") for (const key of doing.keys) keys.get(key)?.classList.add("asked");
  if (doing.kind === "listen") { $("listen").hidden = false; $("spoken").value = ""; $("spoken").focus(); }
}

function play(doing) {
  const said = [...document.querySelectorAll("#lines .service")].slice(-doing.pieces.length);
  count(doing.seconds, () => {});
  player.play(doing.pieces, (index) => {
    said.forEach((line, number) => line.classList.toggle("now", number === index));
    said[index]?.scrollIntoView({ block: "nearest" });
  }, (seconds) => tell("ended", { seconds }));
}

function timeUp(kind) {
  if (kind === "transfer") tell("not_connected", { reason: "no answer" });
  else if (kind === "listen") tell("heard", { text: $("spoken").value });
  else tell("waited");
}

function count(seconds, done) {
  const until = performance.now() + seconds * 1000;
  const tick = () => {
    const left = (until - performance.now()) / 1000;
    $("countdown").textContent = `残り ${Math.max(0, Math.ceil(left))} 秒`;
    if (left <= 0) { clearInterval(ticking); done(); }
  };
  ticking = setInterval(tick, 200);
  tick();
}

function skip() {
  const doing = call?.doing;
  if (!doing || call.over || call.person) return;
  player.stop();
  clearInterval(ticking);
  if (doing.kind === "play") tell("ended", { seconds: doing.seconds });
  else timeUp(doing.kind);
}

// -- what people do ------------------------------------------------------------------------------------------------

function press(key) {
  const button = keys.get(key);
  if (!button || button.disabled) return;
  button.classList.add("pressed");
  setTimeout(() => button.classList.remove("pressed"), 150);
  tell("key", { key, seconds: player.heard });
}

function dial() {
  $("lines").replaceChildren();
  call = null;
  turn = -1;
  const asked = { at: $("at").value, emergency: $("emergency").checked, busy: $("busy").checked };
  inOrder(async () => show(await ask("calls", asked)));
}

for (const key of KEYS) {
  const button = element("button", key);
  button.type = "button";
  button.disabled = true;
  if (NAMES[key]) button.setAttribute("aria-label", NAMES[key]);
  button.addEventListener("click", () => press(key));
  keys.set(key, button);
  $("keypad").append(button);
}
$("dial").addEventListener("submit", (event) => {
  event.preventDefault();
  if (call && !call.over) tell("hung_up", { seconds: player.heard });
  else dial();
});
$("phone").addEventListener("keydown", (event) => {
  const typing = event.target.matches("input:not([type=checkbox])");
  if (typing || event.ctrlKey || event.altKey || event.metaKey || event.isComposing) return;
  if (keys.has(event.key)) press(event.key);
});
$("person").addEventListener("click", ({ target }) => {
  if (!target.dataset.kind) return;
  $("call").focus(); // the buttons vanish
  tell(target.dataset.kind, { reason: target.dataset.reason ?? "" });
});
$("listen").addEventListener("submit", (event) => {
  event.preventDefault();
  $("call").focus();
  timeUp("listen");
});
$("skip").addEventListener("click", skip);
$("mute").addEventListener("change", () => { player.muted = $("mute").checked; });
for (const id of ["at", "emergency", "busy"]) $(id).addEventListener("change", forecast);
window.addEventListener("pagehide", () => tell("hung_up", { seconds: player.heard }));
forecast();
