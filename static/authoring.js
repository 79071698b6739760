// The client's page beside the form, made anew a second after typing stops. Without this file its button opens it.
"use strict";

(() => {
  const PAUSE = 1000;
  const form = document.querySelector("form[data-live]");
  const pane = document.querySelector("[data-pane]");
  if (!form || !pane) return;
  const page = pane.querySelector("[data-live-page]");
  const said = pane.querySelector("[data-said]");
  let timer = 0;
  let asked = 0;

  // A page that the browser itself has read: our policy lets no script make one from a text.
  function show(read) {
    const seen = read.querySelector("[data-seen]");
    if (!seen) return;
    seen.querySelectorAll("script, link").forEach((part) => part.remove());
    for (const heading of seen.querySelectorAll("h1")) {
      const title = document.createElement("p");
      title.className = "seen-title";
      title.textContent = heading.textContent;
      heading.replaceWith(title);
    }
    const top = page.scrollTop;
    page.replaceChildren(document.adoptNode(seen));
    page.scrollTop = top;
  }

  function refresh() {
    clearTimeout(timer);
    if (pane.getClientRects().length === 0) return; // too narrow: it is not shown
    const mine = ++asked;
    const request = new XMLHttpRequest();
    request.responseType = "document";
    request.open("POST", form.dataset.live);
    request.addEventListener("loadend", () => {
      if (mine !== asked) return;
      const isRead = request.status === 200 && request.response;
      said.textContent = isRead ? "" : "The preview rests: there was no answer. It comes back as you go on.";
      if (isRead) show(request.response);
    });
    request.send(new FormData(form));
  }

  // Nothing of it is sent anywhere: it may be tried out.
  form.addEventListener("input", () => {
    clearTimeout(timer);
    timer = setTimeout(refresh, PAUSE);
  });
  window.addEventListener("resize", () => {
    if (!page.firstChild) refresh();
  });

  const minutes = form.elements.minutes;
  const long = form.querySelector("[data-long]");
  minutes?.addEventListener("input", () => {
    long.hidden = !(Number(minutes.value) > 10);
  });

  pane.hidden = false;
  refresh();
})();
