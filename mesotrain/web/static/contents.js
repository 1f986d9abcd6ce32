// Marks, in every list of contents that asks for it, the part the reader is in, and keeps that in view in the list.

for (const list of document.querySelectorAll("[data-follows]")) {
  const parts = [...list.querySelectorAll("a[href^='#']")]
    .map((link) => ({ link, target: document.getElementById(link.hash.slice(1)) }))
    .filter((part) => part.target);

  /** Scrolls the list, never the page, as far as the link asks for. */
  const show = (link) => {
    const scrolls = link.closest("ol");
    const [inner, outer] = [link.getBoundingClientRect(), scrolls.getBoundingClientRect()];
    if (inner.top >= outer.top && inner.bottom <= outer.bottom) return;
    scrolls.scrollTop += inner.top - outer.top - (outer.height - inner.height) / 2;
  };

  const here = list.querySelector("[aria-current]");
  if (here) show(here);

  const follow = () => {
    const line = innerHeight / 3;
    const atEnd = innerHeight + scrollY >= document.documentElement.scrollHeight - 2;
    const passed = parts.filter(({ target }) => target.getBoundingClientRect().top <= line);
    const here = atEnd ? parts.at(-1) : passed.at(-1);
    for (const part of parts) {
      if (part === here) part.link.setAttribute("aria-current", "true");
      else part.link.removeAttribute("aria-current");
    }
    if (here) show(here.link);
  };

  const watch = new IntersectionObserver(follow, { rootMargin: "0px 0px -66% 0px", threshold: [0, 1] });
  for (const { target } of parts) watch.observe(target);
}
