// Asks in time whether somebody is still here, and covers the page when nobody is. The server signs out by itself;
// this file only says so beforehand. Times are seconds, by the server's word.
"use strict";

(() => {
  const box = document.getElementById("still-here");
  if (!box) return;
  const limit = Number(box.dataset.limit);
  const warnFor = limit < 240 ? limit / 2 : 120;
  const every = Math.min(60, limit / 10);
  const left = box.querySelector("[data-left]");
  let endsAt = 0;
  let lastSign = Date.now();
  let lastAsked = 0;
  let waiting = 0;
  let queue = Promise.resolve();
  let isOver = false;

  const secondsLeft = () => (endsAt - Date.now()) / 1000;
  const lasts = (seconds) => (endsAt = Date.now() + seconds * 1000);
  lasts(Number(box.dataset.seconds));

  // GET asks, POST says that somebody is here. Seconds left; 0 signed out; null no answer.
  async function ask(method) {
    lastAsked = Date.now();
    const token = document.querySelector("[name=csrfmiddlewaretoken]");
    try {
      const answer = await fetch(box.dataset.url, {
        method,
        cache: "no-store",
        redirect: "manual",
        headers: { "X-CSRFToken": token ? token.value : "" },
      });
      if (answer.ok) return (await answer.json()).seconds;
      return answer.type === "opaqueredirect" || answer.status === 401 ? 0 : null;
    } catch {
      return null;
    }
  }

  function inWords(seconds) {
    if (seconds > 90) return "In about two minutes.";
    if (seconds > 45) return "In about a minute.";
    if (seconds > 15) return "In half a minute.";
    return "In a few seconds.";
  }

  function warn() {
    delete box.dataset.state;
    box.querySelector("[data-at]").textContent = new Date(endsAt).toLocaleTimeString("en-GB", {
      hour: "2-digit",
      minute: "2-digit",
      second: limit < 240 ? "2-digit" : undefined,
    });
    if (!box.open) box.showModal();
  }

  function rest() {
    if (box.open) box.close();
  }

  function cover(isCovered) {
    document.body.classList.toggle("covered", isCovered);
  }

  function leave() {
    isOver = true;
    cover(true);
    for (const form of document.querySelectorAll("form[data-guard]")) delete form.dataset.guard;
    location.replace(document.querySelector("[data-page]:not(#still-here)")?.dataset.page ?? box.dataset.page);
  }

  // Time is up here: the words first (the server keeps them even now), then the last word is the server's.
  async function end() {
    cover(true);
    const waits = [];
    document.dispatchEvent(new CustomEvent("beside:keep", { detail: waits }));
    await Promise.all(waits);
    const seconds = await ask("GET");
    if (seconds === 0) leave();
    else if (seconds !== null) {
      lasts(seconds);
      cover(false);
      rest();
    } else {
      box.dataset.state = "over";
      left.textContent = left.dataset.offline;
      if (!box.open) box.showModal();
    }
  }

  // Another window may have been used meanwhile: ask before saying anything.
  async function look() {
    if (secondsLeft() <= 0) return end();
    const seconds = await ask("GET");
    if (seconds !== null) lasts(seconds);
    if (secondsLeft() <= 0) return end();
    if (secondsLeft() <= warnFor) warn();
    else rest();
  }

  // One at a time: of two answers the later one counts.
  function inTurn(deed) {
    waiting += 1;
    queue = queue.then(() => (isOver ? undefined : deed())).finally(() => (waiting -= 1));
  }

  function tick() {
    const seconds = secondsLeft();
    const isDue = !waiting && Date.now() - lastAsked > (seconds <= 0 ? 2000 : Math.min(10, limit / 10) * 1000);
    if (seconds <= 0) {
      cover(true);
      if (isDue) inTurn(end);
    } else if (seconds <= warnFor) {
      if (isDue) inTurn(look);
      if (box.open && left.textContent !== inWords(seconds)) left.textContent = inWords(seconds);
    }
  }

  async function stay() {
    if (secondsLeft() <= 0) return end();
    const seconds = await ask("POST");
    if (seconds === null) return;
    lasts(seconds);
    lastSign = Date.now();
    if (seconds === 0) return end();
    rest();
  }

  function sign() {
    if (box.open || isOver || Date.now() - lastSign < every * 1000) return;
    lastSign = Date.now();
    inTurn(stay);
  }

  for (const name of ["keydown", "pointerdown", "pointermove", "wheel"]) {
    document.addEventListener(name, sign, { passive: true });
  }
  // Escape and Enter both say "I am here".
  box.addEventListener("cancel", (event) => {
    event.preventDefault();
    box.close("stay");
  });
  box.addEventListener("close", () => {
    const isHere = secondsLeft() <= warnFor;
    if (isHere) inTurn(stay);
  });
  // A machine that slept, a tab that comes back, a page from the back button.
  document.addEventListener("visibilitychange", () => document.hidden || tick());
  window.addEventListener("pageshow", (event) => {
    if (event.persisted) inTurn(look);
  });
  setInterval(tick, 1000);
})();
