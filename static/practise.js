// A client's page of one exercise: what they type is sent to the server as they go, which keeps it sealed.
// Nothing is stored in the browser. Without this file the page has a button that does the same.
"use strict";

(() => {
  const PAUSE = 2000;
  const AGAIN = 15000;
  const PATIENCE = 10000;
  // A long letter by a slow line: bytes for each second more.
  const SLOWEST = 5000;
  // A browser sends no more than 64 KiB after its page is gone.
  const LAST_WORDS = 60000;
  const SAID = {
    changed: "You also wrote on another device. Both are here; yours is saved when you write on.",
    closed: "Not saved: this page has closed meanwhile. Your words are still here.",
    door: "Not saved yet: this page has closed itself. Your words are still here.",
    run_out: "Not saved yet: this link has run out. Your words are still here.",
    sealed: "Not saved as you write. Your words are still here until you send them.",
    too_large: "Not saved: this is too long. Your words are still here.",
    too_long: "Not saved: this is too long. Your words are still here.",
    offline: "Offline. Your words are still here, and are saved once you are back.",
    later: "Not saved yet. Your words are still here.",
  };

  const form = document.querySelector("form[data-practise]");
  if (!form) return;
  const state = form.querySelector("[data-state]");
  const openAgain = form.querySelector("[data-open-again]");
  const say = (text) => {
    if (state && state.textContent !== text) state.textContent = text;
  };
  const fields = (name) => [...form.elements].filter((field) => field.name === name);
  const isChoice = (field) => field.type === "radio" || field.type === "checkbox";
  const isOurs = (field) => Boolean(field.name) && (field.name.startsWith("q_") || field.name === "sharing");

  // A choice can be taken back.
  for (const group of form.querySelectorAll("fieldset.field:has(input[type=radio][name^=q_]):not(.group)")) {
    const button = document.createElement("button");
    button.type = "button";
    button.className = "btn quiet small clear";
    button.textContent = "Leave this one empty";
    const radios = [...group.querySelectorAll("input[type=radio]")];
    // A choice of none posts nothing, and what was saved before would stand: an empty field says that it is taken back.
    const none = document.createElement("input");
    none.type = "hidden";
    none.name = radios[0].name;
    const look = () => {
      button.hidden = !radios.some((radio) => radio.checked);
      if (!button.hidden) none.remove();
    };
    button.addEventListener("click", () => {
      for (const radio of radios) radio.checked = false;
      group.append(none);
      look();
      radios[0].focus();
      radios[0].dispatchEvent(new Event("input", { bubbles: true }));
    });
    group.addEventListener("change", look);
    group.append(button);
    look();
  }

  if ("notKept" in form.dataset) {
    say(SAID.sealed);
    return;
  }

  const changed = new Set();
  let timer = 0;
  let queue = Promise.resolve();
  let isBusy = false;
  let isGone = false; // the form itself is on its way
  let conflicts = 0; // how often another device's words were shown

  function bodyOf(names) {
    const whole = new FormData(form);
    const body = new FormData();
    body.set("deed", "save");
    for (const name of ["version", "show", "step", "sharing"]) {
      if (whole.has(name)) body.set(name, whole.get(name));
    }
    for (const name of names) {
      if (name === "sharing") continue;
      const values = whole.getAll(name);
      if (fields(name)[0]?.type === "checkbox") body.append("asked", name);
      else if (!values.length) values.push("");
      for (const value of values) body.append(name, value);
    }
    return body;
  }

  const sizeOf = (body) => [...body].reduce((size, [, value]) => size + value.length * 4 + 200, 0);

  // What is saved is the page's own from now on: leaving it asks nothing.
  function settle(names, body) {
    for (const name of names) {
      const sent = body.getAll(name);
      for (const field of fields(name)) {
        if (isChoice(field)) field.defaultChecked = sent.includes(field.value);
        else if (field.type !== "hidden") field.defaultValue = sent[0];
      }
    }
  }

  async function post(isLast) {
    if (!changed.size || isGone) return;
    const names = [...changed];
    const body = bodyOf(names);
    changed.clear();
    isBusy = true;
    say("Saving");
    try {
      const answer = await fetch(location.pathname, {
        method: "POST",
        body,
        redirect: "error",
        keepalive: isLast && sizeOf(body) < LAST_WORDS,
        signal: AbortSignal.timeout(PATIENCE + (sizeOf(body) / SLOWEST) * 1000),
        headers: { Accept: "application/json" },
      });
      const told = await answer.json();
      if (answer.ok) {
        form.elements.version.value = told.version;
        settle(names, body);
        openAgain.hidden = true;
        say(changed.size ? "" : "Saved");
      } else {
        refused(names, told);
      }
    } catch {
      for (const name of names) changed.add(name);
      say(navigator.onLine ? SAID.later : SAID.offline);
      clearTimeout(timer);
      timer = setTimeout(save, AGAIN);
    } finally {
      isBusy = false;
    }
  }

  function refused(names, told) {
    for (const name of names) changed.add(name);
    say(SAID[told.why] ?? SAID.later);
    openAgain.hidden = told.why !== "door" && told.why !== "run_out";
    if (told.why !== "changed") return;
    conflicts += 1;
    form.elements.version.value = told.version;
    for (const [name, words] of Object.entries(told.elsewhere)) showBeside(name, words);
  }

  // What another device wrote stands beside the field, whose own words stay.
  function showBeside(name, words) {
    const place = fields(name)[0]?.closest(".field");
    if (!place) return;
    place.querySelector(".elsewhere")?.remove();
    const box = document.createElement("div");
    box.className = "elsewhere";
    const said = document.createElement("p");
    said.className = "soft small";
    said.textContent = "On another device you wrote:";
    const text = document.createElement("p");
    text.className = "word";
    text.dir = "auto";
    text.textContent = Array.isArray(words) ? words.join(", ") : words;
    box.append(said, text);
    place.append(box);
  }

  function save(isLast = false) {
    clearTimeout(timer);
    queue = queue.then(() => post(isLast === true));
    return queue;
  }

  form.addEventListener("input", (event) => {
    if (!isOurs(event.target)) return;
    changed.add(event.target.name);
    clearTimeout(timer);
    timer = setTimeout(save, PAUSE);
  });
  form.addEventListener("focusout", (event) => {
    if (event.relatedTarget?.type !== "submit") save();
  });
  document.addEventListener("visibilitychange", () => {
    if (document.hidden) save(true);
  });
  window.addEventListener("online", () => save());
  window.addEventListener("offline", () => say(SAID.offline));
  window.addEventListener("pageshow", () => (isGone = false));

  // The form takes all words along; one that is just being saved is waited for, so that it does not meet itself.
  form.addEventListener("submit", async (event) => {
    clearTimeout(timer);
    if (event.defaultPrevented || !isBusy) {
      isGone = !event.defaultPrevented;
      return;
    }
    event.preventDefault();
    const before = conflicts;
    const version = form.elements.version.value;
    await queue;
    if (conflicts !== before) {
      // Whoever has just been shown what another device wrote looks at it first.
      if (!["not_now", "too_much"].includes(event.submitter?.value)) return;
      // Leaving goes on. Nobody has seen those words yet, so that the server keeps both.
      form.elements.version.value = version;
    }
    form.requestSubmit(event.submitter);
  });
})();
