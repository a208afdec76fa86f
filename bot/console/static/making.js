// Waits for a file that is being made, then fetches it. Without this script its page has a link that does the same.

const state = document.getElementById("state");
const { from } = state.dataset;

async function ask() {
  const address = new URL(from, location.href);
  address.searchParams.set("ready", "");
  const answer = await fetch(address).catch(() => null);
  if (answer?.status === 204) {
    state.textContent = "できました。";
    location.assign(from);
  } else if (!answer || answer.status === 202) {
    setTimeout(ask, 2_000);
  } else {
    state.textContent = "作れませんでした。下のボタンで、もう一度お試しください。";
  }
}

setTimeout(ask, 2_000);
