// The diary's keys, the line of now, and the place for a next booking. Comfort only: links and forms do the same.
"use strict";

{
  const calendar = document.getElementById("calendar");
  const keys = document.getElementById("calendar-keys");
  const tracks = [...document.querySelectorAll(".calendar .day-track")];
  const isGrid = () => tracks.length > 0 && getComputedStyle(tracks[0]).position === "relative";
  const pad = (number) => String(number).padStart(2, "0");

  // --- Keys: what carries data-key is pressed by it, unless somebody types, or a menu is open.
  const isBusy = (event) =>
    event.defaultPrevented ||
    event.ctrlKey ||
    event.metaKey ||
    event.altKey ||
    event.target.closest("input, select, textarea, [contenteditable], dialog[open]") ||
    document.querySelector(":popover-open, dialog[open]");

  document.addEventListener("keydown", (event) => {
    if (event.key === "?" && keys.matches(":popover-open")) keys.hidePopover();
    if (isBusy(event)) return;
    if (event.key === "?") {
      keys.showPopover();
      keys.querySelector("button").focus();
      event.preventDefault();
      return;
    }
    const isArrow = event.key.startsWith("Arrow");
    if (isArrow && document.activeElement !== document.body) return;
    if (!isArrow && (event.shiftKey || event.repeat)) return;
    const wanted = isArrow ? event.key : event.key.toLowerCase();
    const target = [...document.querySelectorAll("[data-key]")].find((each) =>
      each.dataset.key.split(" ").includes(wanted),
    );
    if (!target) return;
    event.preventDefault();
    target.click();
  });

  // --- Arrows go from session to session; only one of them is a stop of the Tab key.
  const sessions = () => [...document.querySelectorAll(".calendar a.ev-go")];

  function stopAt(link) {
    for (const each of sessions()) {
      const isHere = each === link || !link || !isGrid();
      each.tabIndex = isHere ? 0 : -1;
      const more = each.parentElement.querySelector(".ev-more");
      if (more) more.tabIndex = each.tabIndex;
    }
  }

  function neighbour(link, key) {
    const track = link.closest(".day-track");
    const here = [...track.querySelectorAll("a.ev-go")];
    if (key === "ArrowUp" || key === "ArrowDown") return here[here.indexOf(link) + (key === "ArrowUp" ? -1 : 1)];
    const step = key === "ArrowLeft" ? -1 : 1;
    const start = Number(link.parentElement.dataset.start);
    for (let at = tracks.indexOf(track) + step; at >= 0 && at < tracks.length; at += step) {
      const there = [...tracks[at].querySelectorAll("a.ev-go")];
      const far = (each) => Math.abs(Number(each.parentElement.dataset.start) - start);
      if (there.length) return there.sort((one, other) => far(one) - far(other))[0];
    }
    return undefined;
  }

  if (calendar) {
    calendar.addEventListener("focusin", (event) => {
      const link = event.target.closest(".ev")?.querySelector("a.ev-go");
      if (link) stopAt(link);
    });
    calendar.addEventListener("keydown", (event) => {
      const link = event.target.closest("a.ev-go");
      if (!link || !isGrid() || event.altKey || !event.key.startsWith("Arrow")) return;
      event.preventDefault();
      neighbour(link, event.key)?.focus();
    });
    const returned = document.getElementById(location.hash.startsWith("#s-") ? location.hash.slice(1) : "");
    stopAt(returned ?? calendar.querySelector(".is-today a.ev-go") ?? calendar.querySelector("[data-version] > a.ev-go"));
    matchMedia("(min-width: 56.01rem)").addEventListener("change", () =>
      stopAt(isGrid() ? calendar.querySelector("a.ev-go[tabindex='0']") : undefined),
    );
  }

  // --- The line of now follows the practice's clock.
  function tick() {
    const wall = new Intl.DateTimeFormat("en-CA", {
      timeZone: calendar.dataset.zone,
      dateStyle: "short",
      timeStyle: "short",
      hourCycle: "h23",
    }).formatToParts(new Date());
    const part = (type) => wall.find((each) => each.type === type).value;
    const line = calendar.querySelector(".day-now");
    if (`${part("year")}-${part("month")}-${part("day")}` !== calendar.dataset.today) return line.remove();
    line.style.setProperty("--h", part("hour"));
    line.style.setProperty("--m", part("minute"));
    setTimeout(tick, 60_000 - (Date.now() % 60_000));
    return undefined;
  }
  if (calendar?.querySelector(".day-now")) tick();

  // --- The place for a next booking: it follows the mouse, a tap, or arrows; pressing it opens the form.
  const plus = calendar?.querySelector(".day-book");
  if (plus && isGrid()) {
    const edge = (name) => Number(getComputedStyle(calendar).getPropertyValue(name));
    const from = edge("--from") * 60;
    const until = edge("--until") * 60;
    const cursor = document.createElement("a");
    cursor.className = "day-cursor";

    const isOver = (track) => track.dataset.day < calendar.dataset.today;
    const place = (track, minute) => {
      const at = Math.min(Math.max(minute, from), until - 30);
      const time = `${pad(Math.floor(at / 60))}:${pad(at % 60)}`;
      const address = new URL(plus.href);
      address.searchParams.set("day", track.dataset.day);
      address.searchParams.set("time", time);
      cursor.href = address.href;
      cursor.textContent = `Book at ${time}`;
      cursor.setAttribute("aria-label", `Book at ${time}, ${track.dataset.label}`);
      cursor.style.setProperty("--h", Math.floor(at / 60));
      cursor.style.setProperty("--m", at % 60);
      cursor.dataset.minute = at;
      if (cursor.parentElement !== track) track.prepend(cursor);
    };

    const follow = (event) => {
      const track = event.target.closest(".day-track");
      if (!track || event.target.closest(".ev, .day-cursor") || event.buttons || isOver(track)) return;
      const box = track.getBoundingClientRect();
      const minute = from + ((event.clientY - box.top) / box.height) * (until - from);
      place(track, Math.floor(minute / 30) * 30);
      cursor.classList.toggle("is-shown", event.pointerType !== "mouse");
    };
    calendar.addEventListener("pointermove", (event) => event.pointerType === "mouse" && follow(event));
    calendar.addEventListener("click", follow);
    cursor.addEventListener("keydown", (event) => {
      const way = { ArrowUp: -15, ArrowDown: 15, ArrowLeft: 0, ArrowRight: 0 }[event.key];
      if (way === undefined || event.altKey) return;
      event.preventDefault();
      const step = { ArrowLeft: -1, ArrowRight: 1 }[event.key] ?? 0;
      const track = tracks[tracks.indexOf(cursor.parentElement) + step];
      if (!track || isOver(track)) return;
      place(track, Number(cursor.dataset.minute) + way);
      cursor.focus();
      document.getElementById("calendar-says").textContent = cursor.getAttribute("aria-label");
    });
    cursor.addEventListener("blur", () => (document.getElementById("calendar-says").textContent = ""));
    place(calendar.querySelector(".is-today .day-track") ?? plus.closest(".day").querySelector(".day-track"), 9 * 60);
  }
}
