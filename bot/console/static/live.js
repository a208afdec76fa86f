// Keeps 「今日の様子」 up to date: fetches its part every ten seconds while somebody can see it, and can be stopped.

const EVERY_MS = 10_000;
const part = document.getElementById("live");
const updated = document.getElementById("updated");
const pause = document.getElementById("pause");
let shown = null;
let paused = false;
let timer;

async function look() {
  clearTimeout(timer);
  if (paused || document.hidden) return;
  try {
    const answer = await fetch(part.dataset.from, { headers: { accept: "text/html" } });
    if (answer.status === 401) return stop("サインインの時間が終わりました。画面を開き直してください。");
    if (!answer.ok) throw new Error(String(answer.status));
    show(await answer.text());
  } catch {
    say("いまは新しい様子を取れません。つながったら、また新しくします。");
  }
  timer = setTimeout(look, EVERY_MS);
}

/** Nothing moves while nothing has changed, nor under somebody's fingers. */
function show(html) {
  const busy = part.contains(document.activeElement) || !document.getSelection().isCollapsed;
  if (html === shown || busy) return;
  const open = [...part.querySelectorAll("details")].map((each) => each.open);
  part.replaceChildren(document.createRange().createContextualFragment(html));
  part.querySelectorAll("details").forEach((each, n) => (each.open = open[n] ?? false));
  shown = html;
  say(`${new Date().toLocaleTimeString("ja-JP", { timeZone: "Asia/Tokyo" })} の様子です。`);
}

/** Read out only when it changes. */
function say(text) {
  if (updated.textContent !== text) updated.textContent = text;
}

function stop(text) {
  paused = true;
  pause.hidden = true;
  say(text);
}

pause.hidden = false;
pause.addEventListener("click", () => {
  paused = !paused;
  pause.textContent = paused ? "自動の更新を始める" : "自動の更新をとめる";
  look();
});
document.addEventListener("visibilitychange", look);
timer = setTimeout(look, EVERY_MS);
