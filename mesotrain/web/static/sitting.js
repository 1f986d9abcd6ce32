// A sitting: every answer is sent as soon as it is given, and "saved" is said only when the server said so.
// Without this module the same form works by its buttons. All words come from the form's data attributes.
// The form by which somebody is observed is filled in the same way, without a clock, places and a lease.

const form = document.getElementById("answers");
const words = form.dataset;

const PAUSE = 800; // ms without typing before a number is sent
const PATIENCE = 10_000; // ms to wait for one reply, and for the last saves before handing in
const LATE = 1500; // ms after which a reply that has not come is said to be missing
const LONGEST_WAIT = 4_000; // ms between two tries: all is in sync within 5 s of the network's return
const BEAT = 10_000; // ms between two times that the server is asked whether the end was moved

// Slots: what an answer is, and what the navigator says of it -------------------------------------------------------

const slots = new Map(); // number -> { queue: [entry], the oldest first; last: fields as known; busy, tries, timer }

const seen = (number) => form.elements[`${number}.seen`];
const controls = (number) => [...form.querySelectorAll(`[name^="${number}."]`)].filter((input) => input !== seen(number));
const typed = (number) => controls(number).filter((input) => input.pattern && !input.matches(":disabled"));
const ticks = (input) => ["radio", "checkbox"].includes(input.type);
const field = (input) => input.name.slice(input.name.indexOf(".") + 1);

// A control as it stands, and as the page came; what was answered before this module ran is the difference.
const now = { ticked: (input) => input.checked, text: (input) => input.value };
const sent = {
  ticked: (input) => input.defaultChecked,
  text: (input) => (input.options ? [...input.options].findLast((it, place) => it.defaultSelected || !place).value : input.defaultValue),
};

/** The fields of a slot: each name with the values ticked or written under it. */
function read(number, { ticked, text } = now) {
  const fields = {};
  for (const input of controls(number)) {
    const values = (fields[field(input)] ??= []);
    if (!ticks(input)) values.push(text(input));
    else if (ticked(input)) values.push(input.value);
  }
  return fields;
}

function write(number, fields) {
  for (const input of controls(number)) {
    const values = fields[field(input)] ?? [];
    if (ticks(input)) input.checked = values.includes(input.value);
    else input.value = values[0] ?? "";
  }
  form.dispatchEvent(new Event("written", { bubbles: true }));
}

function showPlace(number) {
  const place = document.querySelector(`[data-place="${number}"]`);
  if (!place) return;
  const { flag, stage, sure, ...answer } = read(number);
  const unread = typed(number).some((input) => input.validity.patternMismatch) || slots.get(number)?.note;
  const given = Object.values(answer).map((values) => values.some((text) => text.trim()));
  const answered = !unread && given.some(Boolean);
  const question = form.querySelector(`[data-slot="${number}"]`);
  const open = "parted" in question.dataset && (given.includes(false) || question.querySelector('[name="then"]'));
  place.toggleAttribute("data-answered", answered && !open);
  place.toggleAttribute("data-in-part", answered && Boolean(open));
  place.toggleAttribute("data-flagged", flag.length > 0);
  const state = answered ? (open ? words.inPart : words.answered) : words.unanswered;
  const said = [state, ...(flag.length ? [words.flagged] : [])];
  place.querySelector("[data-words]").textContent = `, ${said.join(", ")}`;
}

/** Says what is wrong with a number, in the words of the server or of the page, where a screen reader hears it. */
function showNote(number, note) {
  const inputs = typed(number);
  const unclear = inputs.find((input) => input.validity.patternMismatch);
  const said = note ?? unclear?.parentElement.querySelector(".unclear").textContent ?? "";
  [...form.querySelectorAll(`[data-slot="${number}"] .slot-note`)].at(-1).textContent = said; // a case: the open stage's
  for (const input of inputs) input.setAttribute("aria-invalid", said !== "");
}

// Unsent entries wait in localStorage, each under its own key, so that two tabs never overwrite each other ----------

// Their order is that of `at`: two of one moment have one, and a clock that is set back changes none.
let latest = 0;
const stamp = () => (latest = Math.max(Date.now(), latest + 1));

const prefix = `mesotrain:${words.attempt}:`;
let remembers = true;

function remember(number, entry) {
  try {
    const { op, at, fields, saw } = entry;
    localStorage.setItem(prefix + op, JSON.stringify({ number, at, fields, saw }));
  } catch {
    remembers = false;
  }
}

function forget(entry) {
  try {
    localStorage.removeItem(prefix + entry.op);
  } catch {
    remembers = false;
  }
}

/** Entries an earlier visit could not send, in the order they were made. */
function remembered() {
  try {
    return Object.entries(localStorage)
      .filter(([key]) => key.startsWith(prefix))
      .map(([key, text]) => ({ op: key.slice(prefix.length), ...JSON.parse(text) }))
      .sort((a, b) => a.at - b.at);
  } catch {
    return [];
  }
}

// The save state ----------------------------------------------------------------------------------------------------

const KEPT = ["signedout", "elsewhere", "moved"]; // what ends a page whose answers wait in this browser
let over = null; // one of KEPT or "ended": nothing more is sent from this page

const unsent = () => [...slots.values()].some((slot) => slot.queue.length || slot.timer);
const refused = () => [...slots.values()].some((slot) => slot.refused);
const failing = () => [...slots.values()].some((slot) => slot.tries || slot.late);

function showState() {
  const saving = failing() ? (navigator.onLine ? "unsent" : "offline") : "saving";
  const state = over ?? (unsent() ? saving : refused() ? "refused" : "saved");
  const line = document.getElementById("save-state");
  if (line.dataset.state === state) return;
  line.dataset.state = state;
  line.className = `save-state ${{ unsent: "due", offline: "due", refused: "stop", signedout: "stop", elsewhere: "stop", moved: "stop", ended: "stop" }[state] ?? ""}`;
  line.textContent = words[state];
  if (!over) return;
  const way = document.createElement(over === "moved" ? "button" : "a");
  if (over === "moved") {
    // It sends the form, so that what is not saved here comes along.
    Object.assign(way, { className: "button", formAction: words.continueUrl });
    way.setAttribute("form", form.id);
  } else {
    way.href = { ended: words.resultUrl, elsewhere: words.elsewhereUrl }[over] ?? location.href;
  }
  way.textContent = words[`${over}Link`];
  line.append(" ", way);
}

/** Nothing more is sent. The server's own sentence says best why. */
function stop(state, why) {
  over = state;
  if (why && state === "ended") words.ended = why;
  if (state === "ended") for (const entry of remembered()) forget(entry);
  showState();
}

// Sending -----------------------------------------------------------------------------------------------------------

function change(number) {
  const slot = slots.get(number);
  clearTimeout(slot.timer);
  slot.timer = null;
  const fields = read(number);
  slot.note = null;
  showPlace(number);
  if (over === "ended" || JSON.stringify(fields) === JSON.stringify(slot.last)) return showState();
  slot.last = fields;
  // It is of the answer before; its room stays, so that no button moves under the pointer.
  document.getElementById(`q${number}-lack`)?.style.setProperty("visibility", "hidden");
  const entry = { op: crypto.randomUUID(), at: stamp(), fields, saw: seen(number).value };
  // The newest state wins, but an entry that was tried must be repeated with its own op until it is answered:
  // a lost one may still arrive late, and only its op tells the server that it is old.
  for (const late of slot.queue.splice(slot.busy || slot.tries ? 1 : 0)) forget(late);
  slot.queue.push(entry);
  remember(number, entry);
  send(number);
}

async function send(number) {
  const slot = slots.get(number);
  if (slot.busy) return;
  slot.busy = true;
  while (slot.queue.length && !over) {
    const [entry] = slot.queue;
    showState();
    const late = setTimeout(() => {
      slot.late = true;
      showState();
    }, LATE);
    const outcome = await put(number, entry);
    clearTimeout(late);
    slot.late = false;
    if (outcome.again) {
      slot.tries += 1;
      showState();
      await pause(Math.min(1000 * 2 ** (slot.tries - 1), LONGEST_WAIT));
      continue;
    }
    slot.tries = 0;
    if (outcome.over) stop(outcome.over, outcome.why);
    if (KEPT.includes(over)) break;
    slot.queue.shift();
    forget(entry);
    slot.refused = !over && !outcome.saved && !outcome.newer;
    if (outcome.saved) {
      seen(number).value = outcome.saved;
      for (const next of slot.queue) remember(number, Object.assign(next, { saw: outcome.saved }));
      windows.postMessage({ lease, number, fields: entry.fields, saved: outcome.saved });
    }
    if (slot.queue.length || over) continue;
    if (outcome.newer) show(number, outcome.fields, outcome.newer);
    slot.note = outcome.note;
    showNote(number, outcome.note);
    showPlace(number);
  }
  slot.busy = false;
  showState();
}

/** What became of one try: {saved, note}, {newer, fields}, {again} after what may pass, {over, why} when none ever will. */
async function put(number, { op, fields, saw, replayed }) {
  const seen = replayed ? Number(saw) : undefined; // what waited in this browser counts while nothing newer is there
  try {
    const reply = await fetch(`${words.autosave}/${number}`, {
      method: "PUT",
      headers: { "Content-Type": "application/json", "X-CSRFToken": form.elements.csrf_token.value },
      body: JSON.stringify({ op, fields, lease: Number(lease), seen }),
      redirect: "manual",
      keepalive: true,
      signal: AbortSignal.timeout(PATIENCE),
    });
    const said = await reply.json().catch(() => ({}));
    // Only the server itself says "saved"; a gateway's friendly 200 does not.
    if (reply.ok) return "saved" in said ? said : { again: true };
    // A redirect leads to the sign-in page; 400 is a token of an earlier session.
    if (reply.type === "opaqueredirect" || [400, 401].includes(reply.status)) return { over: "signedout" };
    if (reply.status >= 500 || [408, 425, 429].includes(reply.status)) return { again: true };
    if (said.elsewhere) return { over: "elsewhere" };
    if (said.moved) return { over: "moved" };
    if (said.newer !== undefined) return said;
    if ([409, 413, 422].includes(reply.status)) return { note: said.error };
    return { over: "ended", why: said.error };
  } catch {
    return { again: true };
  }
}

/** Shows what the service has of a slot. */
function show(number, fields, saved) {
  slots.get(number).last = fields;
  write(number, fields);
  seen(number).value = saved;
  showPlace(number);
}

// A window of this browser with the same lease shows what was saved here, unless something of its own is on its way;
// one that was left stops.
const lease = form.elements.lease?.value ?? "0";
const windows = new BroadcastChannel(`mesotrain:${words.attempt}`);
windows.addEventListener("message", ({ data }) => {
  if (Number(data.lease) > Number(lease) && !over) stop("moved");
  const slot = data.lease === lease && slots.get(data.number);
  if (slot && !slot.queue.length && !slot.timer) show(data.number, data.fields, data.saved);
});

const sleepers = new Set();

/** Waits `ms`, or less when the connection comes back. */
function pause(ms) {
  return new Promise((wake) => {
    sleepers.add(wake);
    setTimeout(wake, ms);
  });
}

function sendTyped() {
  for (const [number, slot] of slots) if (slot.timer) change(number);
}

/** Waits until everything is acknowledged, at most PATIENCE. */
async function flush() {
  sendTyped();
  const end = Date.now() + PATIENCE;
  // At least one tick: a form ignores requestSubmit while it is still firing its submit event.
  do await new Promise((tick) => setTimeout(tick, 20));
  while (unsent() && !over && Date.now() < end);
}

// The clock ---------------------------------------------------------------------------------------------------------

// The server wrote its time just before the page arrived; the difference makes a wrong clock here harmless.
const arrived = performance.timeOrigin + performance.getEntriesByType("navigation")[0].responseStart;
const ahead = words.now ? Date.parse(words.now) - arrived : 0;
let deadline = words.deadline;
let paused = words.pausedAt; // since when the clock stands, or nothing
const timeLeft = () => Math.max(0, Date.parse(deadline) - (paused ? Date.parse(paused) : Date.now() + ahead));
const secondsLeft = () => Math.ceil(timeLeft() / 1000);
let calls = []; // what is still to be called out
let ticking = null;

function startClock() {
  calls = [[300, words.five], [60, words.one]].filter(([at]) => secondsLeft() > at);
  tick();
}

function tick() {
  clearTimeout(ticking);
  const left = secondsLeft();
  const [h, m, s] = [Math.floor(left / 3600), Math.floor(left / 60) % 60, left % 60];
  const two = (n) => String(n).padStart(2, "0");
  document.querySelector("#clock [data-left]").textContent = h ? `${h}:${two(m)}:${two(s)}` : `${m}:${two(s)}`;
  while (calls.length && left <= calls[0][0]) document.getElementById("time-call").textContent = calls.shift()[1];
  if (paused) return;
  if (left) ticking = setTimeout(tick, (timeLeft() % 1000) + 1);
  else end();
}

/** Only the server knows that the time is over: it may have been moved, also while nothing came through. */
async function end() {
  sendTyped();
  while (!over && !timeLeft()) {
    await ask();
    if (!over && !timeLeft()) await pause(1000);
  }
}

/** Asks the server when the attempt ends. */
async function ask() {
  try {
    const reply = await fetch(words.pulse, {
      method: "POST",
      headers: { "X-CSRFToken": form.elements.csrf_token.value },
      redirect: "manual",
      signal: AbortSignal.timeout(PATIENCE),
    });
    if (reply.ok) learn(await reply.json());
  } catch {
    // What cannot be asked now is asked again.
  }
}

function learn(told) {
  if (over) return;
  if (told.ended) {
    stop("ended", told.why);
    setTimeout(() => location.assign(words.resultUrl), 3000);
  } else if (told.deadline !== deadline || told.paused_at !== paused) {
    [deadline, paused] = [told.deadline, told.paused_at];
    document.getElementById("time-news").textContent = told.paused || told.moved;
    const ends = document.querySelector("#clock time");
    Object.assign(ends, { dateTime: deadline, textContent: told.ends });
    ends.parentElement.hidden = Boolean(paused);
    startClock();
  }
}

async function listen() {
  while (!over) {
    await new Promise((wake) => setTimeout(wake, BEAT));
    if (timeLeft()) await ask();
  }
}

// Beginning ---------------------------------------------------------------------------------------------------------

for (const question of form.querySelectorAll("[data-slot]")) {
  const number = question.dataset.slot;
  slots.set(number, { queue: [], last: read(number, sent), busy: false, tries: 0, timer: null });
  question.addEventListener("change", () => change(number));
  question.addEventListener("input", ({ target }) => {
    if (!["text", "textarea"].includes(target.type)) return;
    const slot = slots.get(number);
    clearTimeout(slot.timer);
    slot.timer = setTimeout(() => change(number), PAUSE);
    showState();
  });
  question.addEventListener("keydown", (event) => {
    if (event.key !== "Enter" || event.target.tagName !== "INPUT") return;
    event.preventDefault(); // Enter saves the answer; anything more takes a button
    change(number);
  });
}
for (const { dataset } of form.querySelectorAll("[data-unsaved]")) {
  slots.get(dataset.slot).last = null;
  change(dataset.slot);
}

const early = new Set([...slots.keys()].filter((number) => JSON.stringify(read(number)) !== JSON.stringify(slots.get(number).last)));

for (const { number, ...entry } of remembered()) {
  latest = Math.max(latest, entry.at);
  if (!slots.has(String(number))) continue;
  const slot = slots.get(String(number));
  slot.queue.push({ ...entry, replayed: true });
  slot.last = entry.fields;
  if (early.has(String(number))) continue;
  write(number, entry.fields);
  showPlace(number);
}

let leaving = false;

form.addEventListener("submit", async (event) => {
  if (leaving || over) return;
  event.preventDefault();
  await flush();
  if (leaving || over) return;
  leaving = true;
  form.requestSubmit(event.submitter);
});

addEventListener("beforeunload", (event) => {
  sendTyped();
  const mayLeave = leaving || over === "ended" || (KEPT.includes(over) && remembers);
  if (!mayLeave && unsent()) event.preventDefault();
});

addEventListener("pagehide", sendTyped);

addEventListener("online", () => {
  for (const wake of sleepers) wake();
  sleepers.clear();
});
addEventListener("offline", showState);
addEventListener("pageshow", () => (leaving = false));

/** Whoever comes back to this window may have answered in another: then it begins anew with what is saved, or stops. */
addEventListener("visibilitychange", async () => {
  if (document.visibilityState !== "visible" || over) return;
  const reply = await fetch(location.href).catch(() => null);
  if (!reply?.ok) return;
  const fresh = new DOMParser().parseFromString(await reply.text(), "text/html");
  if (!fresh.getElementById(form.id)) return reply.redirected ? undefined : stop("moved");
  const known = (page) => [...page.querySelectorAll('[name$=".seen"]')].map((input) => input.value).join();
  if (!unsent() && !over && known(fresh) !== known(document)) location.reload();
});

windows.postMessage({ lease });
showState();
if (deadline) {
  startClock();
  listen();
}
for (const number of slots.keys()) send(number);
for (const number of early) change(number);
