// Counts the ticks as they change. Without this module the number is that of when the page came.

const said = document.querySelector("[data-ticked]");
const boxes = [...document.querySelectorAll('input[name="pick"]')];
const ticked = () => boxes.filter(({ checked }) => checked).length;
const elsewhere = Number(said.textContent) - boxes.filter(({ defaultChecked }) => defaultChecked).length;
const count = () => (said.textContent = elsewhere + ticked());

addEventListener("change", count);
addEventListener("pageshow", count);
