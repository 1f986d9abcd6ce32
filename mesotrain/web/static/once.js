// A form that is sent twice by a double click is sent once: what a button does, it would not do again.

const PAUSE = 2000; // milliseconds in which nobody means to send the same form again
let sent = new WeakMap();

document.addEventListener("submit", (event) => {
  const form = event.target;
  if (event.defaultPrevented || form.method !== "post") return;
  if (event.timeStamp - (sent.get(form) ?? -PAUSE) < PAUSE) event.preventDefault();
  else sent.set(form, event.timeStamp);
});

// Whoever comes back to the page may mean it.
addEventListener("pageshow", () => (sent = new WeakMap()));
