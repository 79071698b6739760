// Sessions are moved and stretched: by mouse, by touch (after a long press) and by Alt with arrows. All end in the one
// form that the page holds, sent like any other; the server says whether it holds. Comfort only: “Move to…” does the same.
"use strict";

if (document.getElementById("calendar-move")) {
  const calendar = document.getElementById("calendar");
  const form = document.getElementById("calendar-move");
  const says = document.getElementById("calendar-says");
  const tracks = [...calendar.querySelectorAll(".day-track")];
  const edge = (name) => Number(getComputedStyle(calendar).getPropertyValue(name)) * 60;
  const isGrid = () => getComputedStyle(tracks[0]).position === "relative";
  const STEP = 15;
  const SHORTEST = 10;
  const LONGEST = 480;
  const LONG_PRESS = 350;

  // --- What is being moved, where it stood, and where it would go.
  let moving = null;

  function begin(item) {
    const was = {
      day: tracks.indexOf(item.closest(".day-track")),
      start: Number(item.dataset.start),
      length: Number(item.dataset.length),
    };
    moving = { item, was, at: { ...was }, home: item.parentElement, next: item.nextSibling };
    item.classList.add("is-moving");
    document.documentElement.classList.add("is-dragging");
  }

  function end() {
    const { item } = moving;
    item.classList.remove("is-moving", "is-clash");
    document.documentElement.classList.remove("is-dragging");
    moving = null;
  }

  function giveUp() {
    const { item, home, next } = moving;
    const hadFocus = item.contains(document.activeElement);
    home.insertBefore(item, next);
    for (const name of ["--h", "--m", "--x", "--y"]) item.style.removeProperty(name);
    write(item, moving.was.start, moving.was.length);
    end();
    if (hadFocus) item.querySelector("a").focus({ preventScroll: true });
    says.textContent = "Left where it was.";
    setTimeout(() => says.textContent === "Left where it was." && (says.textContent = ""), 2500);
  }

  const clock = (minute) => `${String(Math.floor(minute / 60)).padStart(2, "0")}:${String(minute % 60).padStart(2, "0")}`;

  function write(item, start, length) {
    item.querySelector(".ev-from").textContent = clock(start);
    item.querySelector(".ev-until").textContent = `–${clock((start + length) % 1440)}`;
  }

  // Days before and after the page have no column: the session stays at the edge, and is said to go further.
  function dayOf(number) {
    const inside = tracks[Math.min(Math.max(number, 0), tracks.length - 1)];
    const day = new Date(`${inside.dataset.day}T12:00Z`);
    day.setUTCDate(day.getUTCDate() + number - tracks.indexOf(inside));
    const words = new Intl.DateTimeFormat("en-GB", { weekday: "long", day: "numeric", month: "long", timeZone: "UTC" });
    return { iso: day.toISOString().slice(0, 10), label: words.format(day).replace(",", ""), track: inside };
  }

  function show() {
    const { item, at } = moving;
    at.length = Math.min(Math.max(at.length, SHORTEST), LONGEST);
    at.start = Math.min(Math.max(at.start, 0), 1440 - STEP);
    const day = dayOf(at.day);
    if (item.closest(".day-track") !== day.track) {
      const hadFocus = item.contains(document.activeElement);
      listOf(day.track).append(item);
      if (hadFocus) item.querySelector("a").focus({ preventScroll: true });
    }
    item.style.setProperty("--h", Math.floor(at.start / 60));
    item.style.setProperty("--m", at.start % 60);
    item.style.setProperty("--x", Math.floor(at.length / 60));
    item.style.setProperty("--y", at.length % 60);
    write(item, at.start, at.length);
    const into = hits(day);
    item.classList.toggle("is-clash", into.some((each) => each.isHard));
    const told = into.map((each) => each.text).join(". ");
    says.textContent = `${day.label}, ${clock(at.start)} to ${clock((at.start + at.length) % 1440)}${told && `. ${told}.`}`;
  }

  function listOf(track) {
    let list = track.querySelector(".day-items");
    if (list) return list;
    list = document.createElement("ol");
    list.className = "day-items";
    track.append(list);
    return list;
  }

  // What the page knows of the new time. The server knows better, and has the last word.
  function hits(day) {
    const { item, at } = moving;
    const found = [];
    const isPast = day.iso < calendar.dataset.today;
    if (isPast) found.push({ text: "This day has passed", isHard: true });
    if (day.iso !== day.track.dataset.day) return found;
    for (const other of day.track.querySelectorAll(".ev")) {
      const start = Number(other.dataset.start);
      if (other === item || other.matches(".is-cancelled")) continue;
      if (start >= at.start + at.length || start + Number(other.dataset.length) <= at.start) continue;
      const isBlocked = other.matches(".is-blocked");
      const span = `${clock(start)} to ${clock((start + Number(other.dataset.length)) % 1440)}`;
      found.push({ text: isBlocked ? `You have blocked ${span}` : `Another session is there, ${span}`, isHard: !isBlocked });
    }
    const touches = (off) => {
      const value = (name) => Number(getComputedStyle(off).getPropertyValue(name));
      const start = value("--h") * 60 + value("--m");
      return start < at.start + at.length && start + value("--x") * 60 + value("--y") > at.start;
    };
    const isOutside = [...day.track.querySelectorAll(".day-off")].some(touches);
    if (isOutside) found.push({ text: "Outside your working hours" });
    if (day.track.dataset.holiday) found.push({ text: `Bank holiday: ${day.track.dataset.holiday}` });
    if ("leave" in day.track.dataset) found.push({ text: "You are on leave" });
    return found;
  }

  function save() {
    const { item, was, at } = moving;
    if (was.day === at.day && was.start === at.start && was.length === at.length) return giveUp();
    const { elements } = form;
    elements.starts_on.value = dayOf(at.day).iso;
    elements.clock_time.value = clock(at.start);
    elements.minutes.value = at.length;
    elements.version.value = item.dataset.version;
    form.action = `${item.querySelector("a").href}move/`;
    end();
        form.requestSubmit();
    return undefined;
  }

  // --- By keyboard: Alt with arrows moves, with Shift up and down stretches; letting Alt go saves.
  const STEPS = { ArrowUp: ["start", -STEP], ArrowDown: ["start", STEP], ArrowLeft: ["day", -1], ArrowRight: ["day", 1] };

  calendar.addEventListener("keydown", (event) => {
    const item = event.target.closest(".ev[data-version]");
    if (!item || !event.altKey || !STEPS[event.key] || !isGrid()) return;
    event.preventDefault();
    const [what, step] = STEPS[event.key];
    if (event.shiftKey && what === "day") return;
    if (!moving) begin(item);
    moving.at[event.shiftKey ? "length" : what] += step;
    show();
  });
  document.addEventListener("keyup", (event) => event.key === "Alt" && moving && !moving.pointer && save());
  document.addEventListener("keydown", (event) => {
    if (event.key !== "Escape" || !moving) return;
    event.preventDefault();
    giveUp();
  });
  window.addEventListener("blur", () => moving && giveUp());

  // --- By mouse at once, by touch after a long press, so that a page can still be scrolled.
  let press = null;

  function minutes(y) {
    const box = tracks[0].getBoundingClientRect();
    return (y / box.height) * (edge("--until") - edge("--from"));
  }

  calendar.addEventListener("pointerdown", (event) => {
    const item = event.target.closest(".ev[data-version]");
    if (!item || event.button || moving || !isGrid() || event.target.closest(".ev-more, .ev-menu")) return;
    const isStretch = Boolean(event.target.closest(".ev-grip"));
    press = { item, isStretch, id: event.pointerId, x: event.clientX, y: event.clientY + scrollY };
    press.isTouch = event.pointerType !== "mouse";
    if (press.isTouch && !isStretch) press.timer = setTimeout(lift, LONG_PRESS);
    else if (press.isTouch) lift();
  });

  function lift() {
    begin(press.item);
    moving.pointer = press;
    press.item.setPointerCapture(press.id);
    navigator.vibrate?.(15);
    show();
  }

  function drop() {
    clearTimeout(press?.timer);
    press = null;
  }

  document.addEventListener("pointermove", (event) => {
    if (!press || event.pointerId !== press.id) return;
    const far = Math.hypot(event.clientX - press.x, event.clientY + scrollY - press.y);
    if (!moving) {
      if (far < 5) return;
      if (press.isTouch) return drop();
      lift();
    }
    drag(event);
  });

  function drag(event) {
    const { at, was } = moving;
    const by = minutes(event.clientY + scrollY - press.y);
    if (press.isStretch) {
      at.length = Math.abs(by) < STEP / 2 ? was.length : snap(was.start + was.length + by) - was.start;
    } else {
      at.start = Math.abs(by) < STEP / 2 ? was.start : snap(was.start + by);
      at.start = Math.min(Math.max(at.start, edge("--from")), edge("--until") - STEP);
      const over = tracks.findIndex((track) => {
        const box = track.getBoundingClientRect();
        return event.clientX >= box.left && event.clientX < box.right;
      });
      if (over >= 0) at.day = over;
    }
    show();
    roll(event.clientY);
  }

  const snap = (minute) => Math.round(minute / STEP) * STEP;

  // Near the window's upper and lower edge the page follows.
  function roll(y) {
    if (y < 90) scrollBy(0, -14);
    else if (y > innerHeight - 60) scrollBy(0, 14);
  }

  document.addEventListener("pointerup", (event) => {
    if (!press || event.pointerId !== press.id) return;
    const wasMoving = moving?.pointer === press;
    drop();
    if (!wasMoving) return;
    // The click that follows a drag opens nothing.
    const swallow = (click) => click.preventDefault();
    calendar.addEventListener("click", swallow, { capture: true, once: true });
    setTimeout(() => calendar.removeEventListener("click", swallow, { capture: true }), 50);
    save();
  });
  document.addEventListener("pointercancel", () => {
    if (moving?.pointer) giveUp();
    drop();
  });
  calendar.addEventListener("touchmove", (event) => moving?.pointer && event.preventDefault(), { passive: false });
  calendar.addEventListener("contextmenu", (event) => press?.isTouch && event.preventDefault());
  calendar.addEventListener("dragstart", (event) => event.target.closest?.(".ev") && event.preventDefault());

  for (const item of calendar.querySelectorAll(".ev[data-version]")) {
    const grip = document.createElement("span");
    grip.className = "ev-grip";
    item.append(grip);
  }

  // --- Back from saving, the session that was moved stands in view. Nothing of it is kept in the browser.
  const returned = document.getElementById(location.hash.startsWith("#s-") ? location.hash.slice(1) : "");
  if (returned) {
    const inView = () => returned.scrollIntoView({ block: "center" });
    inView();
    // The address names the session, and the browser goes to it by itself, to its upper edge.
    addEventListener("load", () => requestAnimationFrame(inView));
  }
}
