// Passkeys: the browser makes or shows one, and the form around the button sends what came of it.

const forms = document.querySelectorAll("form[data-options]");
const able = window.PublicKeyCredential && PublicKeyCredential.parseCreationOptionsFromJSON;

async function ask(form) {
  const headers = { "X-CSRFToken": form.elements.csrf_token.value };
  const reply = await fetch(form.dataset.options, { method: "POST", headers });
  if (!reply.ok) throw new Error(reply.status);
  const options = await reply.json();
  return "makes" in form.dataset
    ? navigator.credentials.create({ publicKey: PublicKeyCredential.parseCreationOptionsFromJSON(options) })
    : navigator.credentials.get({ publicKey: PublicKeyCredential.parseRequestOptionsFromJSON(options) });
}

for (const form of able ? forms : []) {
  form.hidden = false;
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    const told = form.querySelector("[role=status]");
    told.textContent = "";
    try {
      form.elements.credential.value = JSON.stringify((await ask(form)).toJSON());
      const shared = document.getElementById("shared");
      if (form.elements.shared && shared) form.elements.shared.disabled = !shared.checked;
      form.submit();
    } catch {
      told.textContent = told.dataset.failed;
    }
  });
}
