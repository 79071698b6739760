// What is typed and not saved yet is sent to the server, which keeps it sealed for whoever typed it.
// Nothing is stored in the browser. A form takes part by its hidden field keep_token (templates/practice/_keep.html).
// One that only hands another page’s token on, so that its words are let go, says no address and is not watched.
"use strict";

(() => {
  const PAUSE = 2000;
  const AGAIN = 15000;
  const PATIENCE = 10000;
  const HELD = "No connection. Your words are still here; they are sent as soon as it is back.";
  const BACK = "The connection is back, and your words are kept. Press save once more.";
  // A browser sends no more than 64 KiB after its page is gone.
  const LAST_WORDS = 60000;
  const GONE = ["button", "checkbox", "file", "hidden", "image", "password", "radio", "reset", "submit"];

  const lines = (text) => text.replace(/\r\n?/g, "\n");
  const keepable = (field) =>
    Boolean(field && field.name && "value" in field && !GONE.includes(field.type) && !field.readOnly && !field.multiple);

  function standsAsShown(field) {
    if (field.options) return [...field.options].every((option) => option.selected === option.defaultSelected);
    return field.value === field.defaultValue;
  }

  function watch(token) {
    const form = token.form;
    const touched = new Set();
    let earlier = {};
    let isUnsent = false;
    let isSubmitting = false;
    let isAsking = false;
    let isCut = false; // the last try found no connection
    let isHeld = false; // somebody pressed save meanwhile
    let isHolding = false;
    let isChecked = false;
    let isSealedLate = false; // signed out, and kept all the same
    let timer = 0;
    let queue = Promise.resolve();

    const said = document.createElement("p");
    said.className = "kept-state soft small";
    said.setAttribute("role", "status");
    (form.querySelector(".form-foot") ?? form).append(said);
    const say = (text) => {
      if (said.textContent !== text) said.textContent = text;
    };

    // Words from before that nobody has decided on yet are kept along with the new ones.
    function wordsOf(name) {
      const field = form.elements[name];
      const before = earlier[name];
      const isUndone = standsAsShown(field) && !document.querySelector(".error-summary");
      const now = isUndone ? "" : lines(field.value);
      if (before === undefined) return now;
      if (now === "" || now.includes(before)) return now || before;
      return field.type === "textarea" ? `${before}\n\n${now}` : now;
    }

    async function post(isQuiet, isLast) {
      if (!isUnsent || isSubmitting) return;
      isUnsent = false;
      isAsking = true;
      const fields = Object.fromEntries([...touched].map((name) => [name, wordsOf(name)]));
      const body = JSON.stringify({ keep_token: token.value, fields, quiet: isQuiet });
      try {
        const answer = await fetch(token.dataset.url, {
          method: "POST",
          body,
          redirect: "manual",
          keepalive: isLast && body.length < LAST_WORDS,
          signal: AbortSignal.timeout(PATIENCE),
          headers: { "Content-Type": "application/json", "X-CSRFToken": form.elements.csrfmiddlewaretoken.value },
        });
        isCut = false;
        isSealedLate = answer.status === 401 && answer.headers.has("Words-Kept");
        if (answer.status === 200) reached(`Kept ${(await answer.json()).kept_at}`);
        else if (answer.status === 204) reached("");
        else if (answer.status === 401) say("You are signed out");
        else if (answer.status === 413) say("Not kept: this is too long. Please save it");
        else say("Not kept. Please save what you wrote");
      } catch {
        isUnsent = isCut = true;
        say(isHeld ? HELD : "Not kept: no connection");
        clearTimeout(timer);
        timer = setTimeout(() => send(true), AGAIN); // nobody need be at the desk
      } finally {
        isAsking = false;
      }
    }

    function reached(text) {
      say(isHeld ? BACK : text);
      isHeld = false;
    }

    function send(isQuiet = false, isLast = false) {
      clearTimeout(timer);
      queue = queue.then(() => post(isQuiet === true, isLast === true));
      return queue;
    }

    form.addEventListener("input", (event) => {
      if (!keepable(event.target)) return;
      touched.add(event.target.name);
      isUnsent = true;
      isSubmitting = false;
      clearTimeout(timer);
      timer = setTimeout(send, PAUSE);
    });
    form.addEventListener("focusout", (event) => {
      if (event.relatedTarget?.type !== "submit") send();
    });
    // A form that is sent into nothing takes its words along: what the server has not got yet goes there first.
    form.addEventListener("submit", (event) => {
      if (event.defaultPrevented) return;
      clearTimeout(timer);
      if (isChecked || form.dataset.sent || (navigator.onLine && !isUnsent && !isAsking && !isSealedLate)) {
        isSubmitting = true;
        return;
      }
      event.preventDefault();
      if (!isHolding) hold(event.submitter);
    });

    async function hold(button) {
      isHolding = true;
      await send();
      isHolding = false;
      if (isCut || !navigator.onLine) {
        isHeld = true;
        say(HELD);
      } else if (isSealedLate) {
        leave();
      } else {
        isHeld = false;
        isChecked = true;
        form.requestSubmit(button);
        isChecked = false;
      }
    }

    // Signed out meanwhile, and the words wait behind the sign-in: they need not stand on a page in clear.
    function leave() {
      for (const each of document.querySelectorAll("form[data-guard]")) delete each.dataset.guard;
      location.replace(token.dataset.page);
    }

    document.addEventListener("visibilitychange", () => {
      if (document.hidden) send(true, true);
    });
    window.addEventListener("online", () => (isHeld && !isUnsent ? reached("") : send(true)));
    document.addEventListener("beside:keep", (event) => event.detail.push(send(true)));

    const bar = form.querySelector("[data-kept]");
    if (bar) offer(form, bar, (words) => (earlier = words), say);
  }

  // Show what was kept where it differs from what stands in the form; nothing is overwritten by itself.
  async function offer(form, bar, remember, say) {
    let kept = {};
    try {
      const answer = await fetch(bar.dataset.kept, { headers: { Accept: "application/json" }, redirect: "manual" });
      if (answer.ok) kept = (await answer.json()).fields;
    } catch {
      return;
    }
    const names = Object.keys(kept).filter((name) => {
      const field = form.elements[name];
      return keepable(field) && lines(field.value) !== kept[name];
    });
    if (!names.length) return;
    remember(Object.fromEntries(names.map((name) => [name, kept[name]])));
    form.closest("details")?.setAttribute("open", "");
    bar.hidden = false;
    const [back, away] = bar.querySelectorAll("button");

    function decide() {
      remember({});
      bar.hidden = true;
      form.elements[names[0]].focus();
    }
    back.addEventListener("click", () => {
      decide();
      for (const name of names) {
        const field = form.elements[name];
        field.value = kept[name];
        field.dispatchEvent(new Event("input", { bubbles: true }));
      }
    });
    away.addEventListener("click", async () => {
      const headers = { Accept: "application/json", "X-CSRFToken": form.elements.csrfmiddlewaretoken.value };
      try {
        const answer = await fetch(bar.dataset.letGo, { method: "POST", headers, redirect: "manual" });
        if (answer.ok) decide();
        else say("They are still kept. Please try once more");
      } catch {
        say("They are still kept: no connection");
      }
    });
  }

  document.querySelectorAll("form input[name=keep_token][data-url]").forEach(watch);
})();
