// Follows the text that is being written: mesotrain preview.
const shown = document.getElementById("preview").dataset.version;

setInterval(async () => {
  const reply = await fetch("/preview/version").catch(() => null);
  if (!reply?.ok || (await reply.text()) === shown) return;
  if (location.pathname.startsWith("/attempts/")) location.assign("/preview");
  else location.reload();
}, 700);
