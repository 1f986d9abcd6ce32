// How long an essay is while it is written. Without this module the page says so after each save.

for (const line of document.querySelectorAll("[data-kept]")) {
  const text = document.getElementById(line.id.replace("count", "answer"));
  const { words, few, many, left, over, kept } = line.dataset;

  const tell = () => {
    const count = text.value.split(/\s+/).filter(Boolean).length;
    const { fewest = 0, most = Infinity } = text.dataset;
    const rest = kept - text.value.length;
    const said = [words.replace("#", count)];
    if (count && count < fewest) said.push(few);
    if (count > most) said.push(many);
    if (rest < 0) said.push(over);
    else if (rest < kept / 10) said.push(left.replace("#", rest));
    line.textContent = said.join(" ");
    line.classList.toggle("wrong", rest < 0);
  };
  text.addEventListener("input", tell);
  text.form?.addEventListener("written", tell); // the answer of another window is put in its place
  tell();
}
