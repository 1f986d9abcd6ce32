// Marks, in every list of contents that asks for it, the part the reader is in.

for (const list of document.querySelectorAll("[data-follows]")) {
  const parts = [...list.querySelectorAll("a[href^='#']")]
    .map((link) => ({ link, target: document.getElementById(link.hash.slice(1)) }))
    .filter((part) => part.target);

  const follow = () => {
    const line = innerHeight / 3;
    const atEnd = innerHeight + scrollY >= document.documentElement.scrollHeight - 2;
    const passed = parts.filter(({ target }) => target.getBoundingClientRect().top <= line);
    const here = atEnd ? parts.at(-1) : passed.at(-1);
    for (const part of parts) {
      if (part === here) part.link.setAttribute("aria-current", "true");
      else part.link.removeAttribute("aria-current");
    }
  };

  const watch = new IntersectionObserver(follow, { rootMargin: "0px 0px -66% 0px", threshold: [0, 1] });
  for (const { target } of parts) watch.observe(target);
}
