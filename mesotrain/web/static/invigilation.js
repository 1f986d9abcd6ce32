// Keeps what a page shows of an exam current, without moving whoever reads it or types below it.

const EVERY = 5_000; // ms between two looks
const PATIENCE = 10_000; // ms to wait for one

const live = document.querySelector("[data-live]");

async function fetched() {
  try {
    const reply = await fetch(live.dataset.live, { redirect: "manual", signal: AbortSignal.timeout(PATIENCE) });
    if (!reply.ok) return null;
    return new DOMParser().parseFromString(await reply.text(), "text/html").querySelector("[data-live]");
  } catch {
    return null;
  }
}

function show(fresh) {
  const focused = live.contains(document.activeElement) ? document.activeElement : null;
  const again = focused?.matches("a") ? `a[href="${CSS.escape(focused.getAttribute("href"))}"]` : ".scroll";
  const scrolled = live.querySelector(".scroll")?.scrollLeft ?? 0;
  live.replaceChildren(...fresh.childNodes);
  const table = live.querySelector(".scroll");
  if (table) table.scrollLeft = scrolled;
  if (focused) live.querySelector(again)?.focus({ preventScroll: true });
}

for (;;) {
  await new Promise((wake) => setTimeout(wake, EVERY));
  if (document.visibilityState === "hidden") continue;
  const fresh = await fetched();
  const stale = live.querySelector("[data-stale]");
  if (fresh) show(fresh);
  else stale.textContent = stale.dataset.stale;
}
