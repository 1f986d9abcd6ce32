// Places on a picture: a tap marks one, and a mark can be dragged. Without this module cells of the grid are chosen.
// What is sent are the fields beside the picture; the marks only show them.

const field = (fields, name) => fields.querySelector(`[name$=".${name}"]`);
const svgOf = (spot) => spot.querySelector("[data-spot]");

/** The marks of a picture: the fields of each, and how it is drawn. */
function marksOf(spot) {
  const svg = svgOf(spot);
  const [drawn, chosen] = [".spot-marker", ".spot-chosen"].map((name) => svg.querySelectorAll(name));
  return [...spot.querySelectorAll("[data-mark]")].map((fields, at) => ({
    spot, x: field(fields, "x"), y: field(fields, "y"), cell: field(fields, "cell"), drawn: drawn[at], chosen: chosen[at],
  }));
}

/** Shows a mark where its fields say. */
function show({ spot, x, y, cell, drawn, chosen }) {
  const point = !cell.value && x.value !== "";
  drawn.setAttribute("visibility", point ? "visible" : "hidden");
  if (point) drawn.setAttribute("transform", `translate(${x.value} ${y.value})`);
  const frame = cell.value ? frameOf(cell, svgOf(spot).viewBox.baseVal) : { width: 0 };
  for (const [name, value] of Object.entries(frame)) chosen.setAttribute(name, value);
}

/** Where the chosen cell is; the last of them all names the last column and row. */
function frameOf(cell, box) {
  const place = (name) => [name.charCodeAt(0) - 65, Number(name.slice(1)) - 1];
  const [columns, rows] = place(cell.options[cell.length - 1].value).map((last) => last + 1);
  const [column, row] = place(cell.value);
  const [width, height] = [box.width / columns, box.height / rows];
  return { x: box.x + width * column, y: box.y + height * row, width, height };
}

/** Where a hand is, in the picture's own coordinates. */
function pointOf(spot, { clientX, clientY }) {
  const [box, frame] = [svgOf(spot).viewBox.baseVal, svgOf(spot).getBoundingClientRect()];
  const within = (share) => Math.min(Math.max(share, 0), 1);
  return [
    +(box.x + box.width * within((clientX - frame.left) / frame.width)).toFixed(3),
    +(box.y + box.height * within((clientY - frame.top) / frame.height)).toFixed(3),
  ];
}

function put(mark, [x, y]) {
  [mark.x.value, mark.y.value, mark.cell.value] = [x, y, ""];
  show(mark);
}

const given = (mark) => mark.x.dispatchEvent(new Event("change", { bubbles: true }));
const at = ({ target }, what) => target instanceof Element && target.closest(`.spot ${what}`)?.closest(".spot");
const used = ({ x, cell }) => x.value !== "" || cell.value !== "";

/** The mark that a tap sets: one that is not used yet, else the point that is nearest, else the last. */
function nextOf(spot, [x, y]) {
  const marks = marksOf(spot);
  const far = (mark) => (mark.x.value === "" ? Infinity : Math.hypot(mark.x.value - x, mark.y.value - y));
  return marks.find((mark) => !used(mark)) ?? marks.reduce((one, other) => (far(other) <= far(one) ? other : one));
}

function tap(spot, event) {
  const mark = nextOf(spot, pointOf(spot, event));
  put(mark, pointOf(spot, event));
  given(mark);
}

const STILL = 4; // pixels that a hand may tremble without moving a mark
let dragged = null;
let moved = false;
let before = {}; // where the mark and the hand were

document.addEventListener("pointerdown", (event) => {
  const spot = event.button === 0 && at(event, ".spot-marker");
  dragged = spot ? marksOf(spot).find(({ drawn }) => drawn.contains(event.target)) : null;
  moved = false;
  if (dragged) before = { x: dragged.x.value, y: dragged.y.value, hand: event };
});
// A finger on a mark moves it, not the page; no style says so of a part of a picture.
document.addEventListener("touchstart", (event) => at(event, ".spot-marker") && event.preventDefault(), { passive: false });
document.addEventListener("pointermove", (event) => {
  if (!dragged) return;
  moved ||= Math.hypot(event.clientX - before.hand.clientX, event.clientY - before.hand.clientY) >= STILL;
  if (moved) put(dragged, pointOf(dragged.spot, event));
});
document.addEventListener("pointerup", (event) => {
  if (!dragged) return;
  if (moved) given(dragged);
  else tap(dragged.spot, event);
  [dragged, moved] = [null, true]; // the click that may follow is no further tap
});
document.addEventListener("pointercancel", () => {
  if (!dragged) return;
  put(dragged, [before.x, before.y]);
  dragged = null;
});
document.addEventListener("click", (event) => {
  const spot = at(event, "[data-spot]");
  if (spot && !moved) tap(spot, event);
});
document.addEventListener("click", (event) => {
  const spot = at(event, "[data-back]");
  const last = spot && marksOf(spot).findLast(used);
  if (!last) return;
  put(last, ["", ""]);
  given(last);
});

document.addEventListener("change", ({ target }) => {
  const spot = target.closest(".spot");
  const mark = spot && marksOf(spot).find(({ cell }) => cell === target);
  if (!mark) return;
  mark.x.value = mark.y.value = "";
  show(mark);
}, true); // before the page reads the fields

const showAll = () => document.querySelectorAll(".spot").forEach((spot) => marksOf(spot).forEach(show));
document.addEventListener("written", showAll); // the page wrote the fields anew
showAll();
