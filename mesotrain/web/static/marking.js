// Marks that are not given yet stay in this window, whatever happens to the page. Without this module nothing is kept.

const form = document.querySelector("form[data-kept]");

if (form) {
  const key = `mesotrain:marks:${form.dataset.kept}`;
  const fields = () => [...form.elements].filter(({ name }) => /^(criterion\.|comment$)/.test(name));

  try {
    const kept = JSON.parse(sessionStorage.getItem(key) ?? "{}");
    for (const field of fields()) {
      if (!(field.name in kept)) continue;
      if (field.type === "radio") field.checked ||= field.value === kept[field.name];
      else field.value ||= kept[field.name];
    }
    form.addEventListener("input", () => {
      const given = fields().filter((field) => field.type !== "radio" || field.checked);
      sessionStorage.setItem(key, JSON.stringify(Object.fromEntries(given.map(({ name, value }) => [name, value]))));
    });
  } catch {
    // A browser that keeps nothing: then the form alone holds what is typed.
  }
}
