// A lesson: where the reader is, what is left, marks and notes kept without leaving the place, questions answered in it.
// Without this module the same buttons work by loading the page again.

const lesson = document.querySelector(".lesson");
const own = document.getElementById("own");
const token = () => own.elements.csrf_token.value;

const SETTLES = 1500; // ms in one section before it counts as reached
const page = async (reply) => new DOMParser().parseFromString(await reply.text(), "text/html");

// Where the reader is: contents.js marks it in the list at the side -------------------------------------------------

const list = lesson.querySelector("[data-follows]");
const links = [...list.querySelectorAll("a[data-words]")];
const faces = lesson.querySelectorAll("[data-left]");
const total = links.reduce((sum, link) => sum + Number(link.dataset.words), 0);
let reached = null;
let timer = null;

function follow() {
  const here = list.querySelector("a[aria-current]");
  const place = links.indexOf(here);
  const unread = here && place < 0 ? [] : links.slice(Math.max(place, 0)).filter((link) => !link.querySelector(".done"));
  const rest = unread.reduce((sum, link) => sum + Number(link.dataset.words), 0);
  for (const face of faces) face.textContent = Math.ceil((rest * Number(lesson.dataset.minutes)) / total);
  clearTimeout(timer);
  if (place < 1 || here.hash.slice(1) === reached) return;
  timer = setTimeout(() => {
    reached = here.hash.slice(1);
    navigator.sendBeacon(lesson.dataset.place, new URLSearchParams({ csrf_token: token(), section: reached }));
  }, SETTLES);
}

new MutationObserver(follow).observe(list, { attributes: true, attributeFilter: ["aria-current"], subtree: true });

// A link may lead to a section that has moved to another lesson since; the service knows where.
const wanted = location.hash.slice(1);
if (/^[a-z][a-z0-9-]*$/.test(wanted) && !document.getElementById(wanted) && !wanted.startsWith("own-")) {
  const reply = await fetch(`${lesson.dataset.course}/sections/${wanted}`).catch(() => null);
  await reply?.text(); // read to its end, so that leaving cuts nothing off
  if (reply?.ok && reply.redirected) location.replace(new URL(`#${wanted}`, reply.url));
}

// Marks and notes -----------------------------------------------------------------------------------------------------

own.addEventListener("submit", async (event) => {
  const button = event.submitter;
  const place = button?.closest(".own");
  if (!place) return;
  event.preventDefault();
  const note = place.querySelector("textarea");
  const seen = place.querySelector("[name^='seen.']");
  const saving = button.name !== "read";
  const sent = note.value;
  tell(place);
  const reply = await send(button.formAction, saving ? { [note.name]: sent, [seen.name]: seen.value } : { read: button.value });
  const fresh = reply && (await page(reply));
  const renewed = reply?.ok && fresh.getElementById(place.id);
  if (!renewed) return refused(place, reply, fresh);
  const typed = note.value; // nothing that is being written is lost, whatever was pressed beside it
  const field = renewed.querySelector("textarea");
  if (saving && typed !== sent) {
    // What another window had written stands above what was sent.
    field.value = field.value.slice(0, field.value.length - sent.trim().length) + typed;
  } else if (!saving && typed !== note.defaultValue) {
    field.defaultValue = note.defaultValue;
    field.value = typed;
    renewed.querySelector(`[name="${seen.name}"]`).value = seen.value;
  }
  renewed.querySelector("details").open = place.querySelector("details").open;
  place.replaceWith(renewed);
  const told = fresh.querySelector("main > .notice[role=status]")?.textContent.trim();
  if (saving) tell(renewed, told ?? own.dataset.saved);
  const marks = (root) => [...root.querySelectorAll("a[data-words]")];
  const now = marks(fresh);
  marks(document).forEach((link, at) => link.replaceChildren(...now[at % links.length].cloneNode(true).childNodes));
  renewed.tabIndex = -1;
  (saving ? field : renewed).focus();
  follow();
});

/** The reply, or null without a connection. A token of an earlier session is renewed, for the same reader only. */
async function send(address, fields) {
  const post = () => fetch(address, { method: "POST", body: new URLSearchParams({ csrf_token: token(), ...fields }) });
  try {
    const reply = await post();
    if (reply.status !== 400) return reply;
    const fresh = (await page(await fetch(location.pathname))).getElementById("own");
    if (fresh?.dataset.reader !== own.dataset.reader) return reply;
    own.elements.csrf_token.value = fresh.elements.csrf_token.value;
    return await post();
  } catch {
    return null;
  }
}

function tell(place, ...said) {
  place.querySelector(".told").replaceChildren(...said);
}

/** Why nothing was saved, beside what was not. */
function refused(place, reply, fresh) {
  if (!reply) return tell(place, own.dataset.offline);
  if (reply.ok && fresh.querySelector(".lesson")) {
    // It was kept, in another lesson: the section has moved there.
    place.querySelector("textarea").defaultValue = place.querySelector("textarea").value;
    return location.assign(`${lesson.dataset.course}/sections/${place.id.slice(4)}`);
  }
  if (!reply.ok && reply.status !== 400) return tell(place, fresh.querySelector(".lead")?.textContent ?? own.dataset.offline);
  const link = document.createElement("a");
  Object.assign(link, { href: location.pathname, target: "_blank", textContent: own.dataset.signin });
  tell(place, own.dataset.signedout, " ", link);
}

addEventListener("beforeunload", (event) => {
  const unsaved = [...lesson.querySelectorAll(".own textarea")].some((note) => note.value !== note.defaultValue);
  if (unsaved) event.preventDefault();
});

// Questions between sections ------------------------------------------------------------------------------------------

lesson.addEventListener("submit", async (event) => {
  const form = event.target.closest("[data-check]");
  if (!form) return;
  event.preventDefault();
  const address = `${form.action}?${new URLSearchParams(new FormData(form))}`;
  const reply = await fetch(address).catch(() => null);
  const answered = reply?.ok ? await page(reply) : null;
  const review = answered?.querySelector(".review");
  const asked = answered?.querySelector("[data-check]");
  if (!review && !asked) return location.assign(address);
  if (!review) {
    form.querySelector(".wrong[role=alert]")?.remove();
    const said = asked.querySelector(".slot-note:not(:empty), .wrong[role=alert]");
    const note = document.createElement("p");
    note.className = "wrong icon";
    note.setAttribute("role", "alert");
    note.textContent = said?.textContent ?? "";
    form.querySelector("button").before(note);
    return;
  }
  const again = form.cloneNode(true);
  review.tabIndex = -1;
  const button = document.createElement("button");
  button.className = "button bare";
  button.textContent = answered.querySelector(".buttons a:not(.first)").textContent;
  button.addEventListener("click", () => {
    review.replaceWith(again);
    again.reset();
    again.querySelector("input").focus();
  });
  review.querySelector(".answer").append(button);
  review.prepend(...form.querySelectorAll("h3"));
  form.replaceWith(review);
  review.focus();
});
