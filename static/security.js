// Passkeys speak to the browser, so their pages need this file; each page has another way for who has it not.
const toBytes = (text) => {
  const plain = atob(text.replaceAll("-", "+").replaceAll("_", "/"));
  return Uint8Array.from(plain, (letter) => letter.charCodeAt(0)).buffer;
};
const toText = (buffer) => {
  if (!buffer) return null;
  const plain = String.fromCharCode(...new Uint8Array(buffer));
  return btoa(plain).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
};
const opened = (list) => (list || []).map((item) => ({ ...item, id: toBytes(item.id) }));

async function create({ publicKey }) {
  const selection = { ...publicKey.authenticatorSelection, residentKey: "preferred" };
  const made = await navigator.credentials.create({
    publicKey: {
      ...publicKey,
      challenge: toBytes(publicKey.challenge),
      user: { ...publicKey.user, id: toBytes(publicKey.user.id) },
      excludeCredentials: opened(publicKey.excludeCredentials),
      authenticatorSelection: selection,
    },
  });
  return answer(made, {
    attestationObject: toText(made.response.attestationObject),
    transports: made.response.getTransports ? made.response.getTransports() : [],
  });
}

async function get({ publicKey }) {
  const shown = await navigator.credentials.get({
    publicKey: {
      ...publicKey,
      challenge: toBytes(publicKey.challenge),
      allowCredentials: opened(publicKey.allowCredentials),
    },
  });
  return answer(shown, {
    authenticatorData: toText(shown.response.authenticatorData),
    signature: toText(shown.response.signature),
    userHandle: toText(shown.response.userHandle),
  });
}

function answer(credential, response) {
  return {
    type: credential.type,
    id: credential.id,
    rawId: toText(credential.rawId),
    authenticatorAttachment: credential.authenticatorAttachment,
    clientExtensionResults: credential.getClientExtensionResults(),
    response: { clientDataJSON: toText(credential.response.clientDataJSON), ...response },
  };
}

const OFFLINE = "no connection";
function noConnection() {
  throw new Error(OFFLINE);
}

async function options(form) {
  if (form.dataset.options) {
    const given = JSON.parse(document.getElementById(form.dataset.options).textContent);
    return given.creation_options || given.request_options;
  }
  // The sign-in page asks when the button is pressed, and not for everybody who looks in.
  const response = await fetch(form.action, { headers: { Accept: "application/json" } }).catch(noConnection);
  if (!response.ok) throw new Error("no answer");
  return (await response.json()).request_options;
}

// Which of the page's words fit: turned away and too slow are one to us, as they are to the browser.
const wordsFor = (trouble, error) => {
  if (error.message === OFFLINE) return trouble.dataset.offline;
  return error.name === "InvalidStateError" ? trouble.dataset.known : trouble.dataset.usual;
};

for (const form of document.querySelectorAll("form[data-passkey]")) {
  if (!window.PublicKeyCredential) continue;
  form.hidden = false;
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    const trouble = form.querySelector("[data-trouble]");
    trouble.dataset.usual ??= trouble.textContent;
    trouble.hidden = true;
    try {
      if (!navigator.onLine) noConnection();
      const asked = await options(form);
      const made = await (form.dataset.passkey === "create" ? create(asked) : get(asked));
      form.elements.credential.value = JSON.stringify(made);
      form.submit();
    } catch (error) {
      // Nothing has happened, and one may try again.
      trouble.textContent = wordsFor(trouble, error);
      trouble.hidden = false;
    }
  });
}

for (const button of document.querySelectorAll("button[data-print]")) {
  button.hidden = false;
  button.addEventListener("click", () => window.print());
}
