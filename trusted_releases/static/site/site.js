// Conveniences. Every page works without them.
"use strict";

// Copy buttons: shown only where they can work.
function armCopyButtons(root) {
  if (!navigator.clipboard) return;
  for (const button of root.querySelectorAll("button.copy[hidden]")) {
    button.hidden = false;
    button.addEventListener("click", async () => {
      await navigator.clipboard.writeText(button.dataset.copy);
      button.textContent = "Copied";
      setTimeout(() => { button.textContent = "Copy"; }, 1500);
    });
  }
}

// Times: the server writes UTC; here they become the reader's own, with UTC on hover.
const shown = new Intl.DateTimeFormat(undefined, { dateStyle: "medium", timeStyle: "short" });
function localiseTimes(root) {
  for (const time of root.querySelectorAll("time[datetime]:not([data-local])")) {
    const moment = new Date(time.dateTime);
    if (Number.isNaN(moment.valueOf())) continue;
    time.textContent = shown.format(moment);
    time.dataset.local = "";
  }
}

// Uploads: the same form, sent by script so that one sees how far it is.
function bytes(count) {
  const units = ["bytes", "KB", "MB", "GB"];
  let unit = 0;
  while (count >= 1024 && unit < units.length - 1) { count /= 1024; unit += 1; }
  return `${unit ? count.toFixed(1) : count} ${units[unit]}`;
}

function refuse(form, sentences) {
  const box = form.querySelector(".refusals");
  const title = document.createElement("p");
  const list = document.createElement("ul");
  title.className = "notice-title";
  title.textContent = "The upload was not taken. Nothing has changed.";
  for (const sentence of sentences) {
    const item = document.createElement("li");
    item.textContent = sentence;
    list.append(item);
  }
  box.className = "refusals notice stop";
  box.replaceChildren(title, list);
  box.hidden = false;
  form.querySelector(".sending").hidden = true;
  form.querySelector("button[type=submit]").disabled = false;
}

function armUpload(form) {
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    const sending = form.querySelector(".sending");
    const bar = sending.querySelector("progress");
    const status = sending.querySelector("[role=status]");
    const request = new XMLHttpRequest();
    request.open("POST", form.action);
    request.setRequestHeader("X-Requested-With", "XMLHttpRequest");
    request.responseType = "json";
    request.upload.addEventListener("progress", ({ loaded, total }) => {
      bar.max = total;
      bar.value = loaded;
      status.textContent = loaded < total
        ? `${Math.floor((100 * loaded) / total)} %: ${bytes(loaded)} of ${bytes(total)}`
        : "Everything has arrived and is being stored.";
    });
    request.addEventListener("load", () => {
      const answer = request.response || {};
      if (answer.location) window.location.assign(answer.location);
      else refuse(form, answer.refused || [`The server answered ${request.status}. Reload the page and try again.`]);
    });
    request.addEventListener("error", () => {
      refuse(form, ["The connection broke before the upload was complete. Send it again."]);
    });
    form.querySelector(".refusals").hidden = true;
    form.querySelector("button[type=submit]").disabled = true;
    sending.hidden = false;
    request.send(new FormData(form));
  });
}

function arm(root) {
  armCopyButtons(root);
  localiseTimes(root);
}

document.addEventListener("DOMContentLoaded", () => {
  arm(document);
  document.querySelectorAll("form[data-upload]").forEach(armUpload);
  document.body.addEventListener("htmx:load", (event) => arm(event.detail.elt));
});
