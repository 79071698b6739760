// Comfort only: every page works without this file.
"use strict";

// A file that is far too large would be sent for minutes and then be refused: its size is looked at beforehand.
for (const field of document.querySelectorAll("input[type=file][data-max]")) {
  const told = document.createElement("p");
  told.className = "errorlist";
  told.id = `${field.id}_too_large`;
  told.setAttribute("role", "status");
  field.before(told);
  field.setAttribute("aria-describedby", `${field.getAttribute("aria-describedby") ?? ""} ${told.id}`.trim());

  const look = () => {
    const most = Number(field.dataset.max);
    const size = field.files[0]?.size ?? 0;
    const megabytes = (bytes) => Math.ceil((bytes / 1048576) * 10) / 10;
    const isTooLarge = size > most;
    told.textContent = isTooLarge
      ? `This file has ${megabytes(size)} MB, and up to ${megabytes(most)} MB can be taken.`
      : "";
    field.closest(".field")?.classList.toggle("has-error", isTooLarge);
    if (isTooLarge) field.setAttribute("aria-invalid", "true");
    else field.removeAttribute("aria-invalid");
    return isTooLarge;
  };
  field.addEventListener("change", look);
  field.form.addEventListener(
    "submit",
    (event) => {
      if (!look()) return;
      event.preventDefault();
      field.focus();
    },
    { capture: true },
  );
}

// A form is sent once: its buttons rest after the first submit.
// They are disabled after the browser has read them, so that the pressed button's name and value still go with the form.
document.addEventListener("submit", (event) => {
  const form = event.target;
  if (event.defaultPrevented || form.method === "dialog") return;
  if (event.submitter?.formTarget === "_blank") return; // a preview: the form stays as it is
  if (form.dataset.sent) {
    event.preventDefault();
    return;
  }
  form.dataset.sent = "yes";
  setTimeout(() => rest(form, true));
  // An answer that is a file leaves the page standing: wake the form again.
  setTimeout(() => wake(form), 8000);
});

// Coming back by the back button finds a form that can be sent again.
window.addEventListener("pageshow", () => document.querySelectorAll("form[data-sent]").forEach(wake));

function wake(form) {
  delete form.dataset.sent;
  rest(form, false);
}

function rest(form, resting) {
  for (const button of form.elements) {
    if (button.type !== "submit") continue;
    button.disabled = resting;
    if (resting) button.setAttribute("aria-busy", "true");
    else button.removeAttribute("aria-busy");
  }
}

// A refused form speaks first: the list of what to look at takes the focus.
const summary = document.querySelector(".error-summary");
if (summary) summary.focus();

// Words typed into a guarded form are not lost by a slip; sending the form is no slip.
const typed = (form) =>
  [...form.elements].some((field) => {
    if (field.type === "checkbox" || field.type === "radio") return field.checked !== field.defaultChecked;
    return "defaultValue" in field && field.type !== "hidden" && field.value !== field.defaultValue;
  });

window.addEventListener("beforeunload", (event) => {
  for (const form of document.querySelectorAll("form[data-guard]")) {
    if (!form.dataset.sent && typed(form)) event.preventDefault();
  }
});

// Leaving a client's page takes its entry out of the history, so that "back" does not return here.
for (const link of document.querySelectorAll("a[data-leave]")) {
  link.addEventListener("click", (event) => {
    event.preventDefault();
    for (const form of document.querySelectorAll("form[data-guard]")) delete form.dataset.guard;
    location.replace(link.href);
  });
}

// The phone's "More" sheet closes by Escape and by a tap beside it.
const more = document.querySelector(".bar details");
if (more) {
  document.addEventListener("keydown", (event) => {
    if (event.key !== "Escape" || !more.open) return;
    more.open = false;
    more.querySelector("summary").focus();
  });
  document.addEventListener("click", (event) => {
    if (more.open && !more.contains(event.target)) more.open = false;
  });
}

// What was just done is undone by its button, or by the key U.
document.addEventListener("keydown", (event) => {
  if (event.key.toLowerCase() !== "u" || event.ctrlKey || event.metaKey || event.altKey) return;
  if (event.target.closest("input, textarea, select, [contenteditable]") || document.querySelector("dialog[open]")) return;
  document.querySelector("form[data-undo] button:not(:disabled)")?.click();
});

// An address to copy. Selecting comes first, so that it can be copied by hand where the browser does not do it; the
// newer clipboard is closed to every page (Permissions-Policy), and this older way works on what is selected alone.
for (const button of document.querySelectorAll("button[data-copy]")) {
  const field = document.getElementById(button.dataset.copy);
  button.hidden = false;
  button.addEventListener("click", () => {
    field.select();
    button.textContent = document.execCommand("copy") ? "Copied" : "Selected: now copy it";
  });
}

// A kind of session brings its length, its way to meet and its place along; what was typed already stays.
for (const kind of document.querySelectorAll("select[data-kind]")) {
  kind.addEventListener("change", () => {
    const { minutes, mode, place } = kind.selectedOptions[0].dataset;
    const form = kind.form.elements;
    if (minutes && form.minutes) form.minutes.value = minutes;
    const way = [...(form.mode ?? [])].find((each) => each.value === mode);
    if (way) way.checked = true;
    if (form.place && !form.place.value) form.place.value = place ?? "";
  });
}
