// A place on a picture: a tap marks it, and the mark can be dragged. Without this module a cell of the grid is chosen.
// What is sent are the fields beside the picture; the mark only shows them.

const field = (spot, name) => spot.querySelector(`[name$=".${name}"]`);
const parts = (spot) => ({ x: field(spot, "x"), y: field(spot, "y"), cell: field(spot, "cell"), svg: spot.querySelector("[data-spot]") });

/** Shows the mark where the fields say. */
function show(spot) {
  const { x, y, cell, svg } = parts(spot);
  const mark = svg.querySelector(".spot-marker");
  const point = !cell.value && x.value !== "";
  mark.setAttribute("visibility", point ? "visible" : "hidden");
  if (point) mark.setAttribute("transform", `translate(${x.value} ${y.value})`);
  const frame = cell.value ? frameOf(cell, svg.viewBox.baseVal) : { width: 0 };
  for (const [name, value] of Object.entries(frame)) svg.querySelector(".spot-chosen").setAttribute(name, value);
}

/** Where the chosen cell is; the last of them all names the last column and row. */
function frameOf(cell, box) {
  const place = (name) => [name.charCodeAt(0) - 65, Number(name.slice(1)) - 1];
  const [columns, rows] = place(cell.options[cell.length - 1].value).map((last) => last + 1);
  const [column, row] = place(cell.value);
  const [width, height] = [box.width / columns, box.height / rows];
  return { x: box.x + width * column, y: box.y + height * row, width, height };
}

function put(spot, { clientX, clientY }) {
  const { x, y, cell, svg } = parts(spot);
  const [box, frame] = [svg.viewBox.baseVal, svg.getBoundingClientRect()];
  const within = (share) => Math.min(Math.max(share, 0), 1);
  x.value = +(box.x + box.width * within((clientX - frame.left) / frame.width)).toFixed(3);
  y.value = +(box.y + box.height * within((clientY - frame.top) / frame.height)).toFixed(3);
  cell.value = "";
  show(spot);
}

const given = (spot) => field(spot, "x").dispatchEvent(new Event("change", { bubbles: true }));
const at = ({ target }, what) => target instanceof Element && target.closest(`.spot ${what}`)?.closest(".spot");

let dragged = null;
let before = {}; // where the mark was

document.addEventListener("pointerdown", (event) => {
  dragged = event.button === 0 ? at(event, ".spot-marker") : null;
  if (dragged) before = { x: field(dragged, "x").value, y: field(dragged, "y").value };
});
// A finger on the mark moves it, not the page; no style says so of a part of a picture.
document.addEventListener("touchstart", (event) => at(event, ".spot-marker") && event.preventDefault(), { passive: false });
document.addEventListener("pointermove", (event) => dragged && put(dragged, event));
document.addEventListener("pointerup", (event) => {
  const spot = dragged;
  dragged = null;
  if (spot) given(spot);
});
document.addEventListener("pointercancel", () => {
  if (!dragged) return;
  for (const name of ["x", "y"]) field(dragged, name).value = before[name];
  show(dragged);
  dragged = null;
});
document.addEventListener("click", (event) => {
  const spot = at(event, "[data-spot]");
  if (!spot) return;
  put(spot, event);
  given(spot);
});

document.addEventListener("change", ({ target }) => {
  const spot = target.closest(".spot");
  if (!spot || target !== field(spot, "cell")) return;
  field(spot, "x").value = field(spot, "y").value = "";
  show(spot);
}, true); // before the page reads the fields

const showAll = () => document.querySelectorAll(".spot").forEach(show);
document.addEventListener("written", showAll); // the page wrote the fields anew
showAll();
