// Conveniences. Every page works without them.
"use strict";

// Copy buttons: shown only where they can work; what was copied is told to those who hear the page.
function armCopyButtons(root) {
  if (!navigator.clipboard) return;
  for (const button of root.querySelectorAll("button.copy[hidden]")) {
    button.hidden = false;
    button.addEventListener("click", async () => {
      await navigator.clipboard.writeText(button.dataset.copy);
      button.textContent = "Copied";
      tell(`Copied ${button.getAttribute("aria-label").replace(/^Copy /, "")}.`);
      setTimeout(() => { button.textContent = "Copy"; tell(""); }, 2000);
    });
  }
}

function tell(sentence) {
  document.getElementById("told").textContent = sentence;
}

// Times: the server writes UTC; here they become the reader's own, named by zone, UTC on hover.
const shown = new Intl.DateTimeFormat(undefined, {
  year: "numeric", month: "short", day: "numeric", hour: "2-digit", minute: "2-digit", timeZoneName: "short",
});
const clock = new Intl.DateTimeFormat(undefined, { hour: "2-digit", minute: "2-digit", second: "2-digit" });
function localiseTimes(root) {
  for (const time of root.querySelectorAll("time[datetime]:not([data-local])")) {
    const moment = new Date(time.dateTime);
    if (Number.isNaN(moment.valueOf())) continue;
    time.dataset.local = "";
    if ("distance" in time.dataset) time.title = `${shown.format(moment)}, ${time.title}`;
    else time.textContent = shown.format(moment);
  }
}

// Parts that renew themselves keep what the reader has opened, and where the keyboard is.
const kept = new WeakMap();
const STOPS = "a[href], button, summary, input, select, textarea, [tabindex]";
const nameOf = (element) => element.id || `${element.tagName} ${element.textContent.trim().slice(0, 80)}`;
const placeOf = (element, all) => all.filter((other) => nameOf(other) === nameOf(element)).indexOf(element);
const find = (all, { name, place }) => all.filter((other) => nameOf(other) === name)[place];
const titles = (root) => [...root.querySelectorAll("details > summary")];

function remember(root) {
  const stops = [...root.querySelectorAll(STOPS)];
  const all = titles(root);
  const at = document.activeElement;
  kept.set(document.body, {
    focus: stops.includes(at) ? { name: nameOf(at), place: placeOf(at, stops) } : null,
    open: all.filter((title) => title.parentElement.open)
      .map((title) => ({ name: nameOf(title), place: placeOf(title, all) })),
  });
}

function restore(root) {
  const { focus, open } = kept.get(document.body) || { open: [] };
  for (const each of open) {
    const title = find(titles(root), each);
    if (title) title.parentElement.open = true;
  }
  if (!focus || root.contains(document.activeElement)) return;
  const stop = find([...root.querySelectorAll(STOPS)], focus);
  if (stop) stop.focus({ preventScroll: true });
}

// When news stop, that is said, with the time of the last; when they come again, it goes.
let lastNews = new Date();
function heard({ detail }) {
  if (detail.xhr.status >= 400) return;
  lastNews = new Date();
  document.getElementById("lost").textContent = "";
}

function lost({ detail }) {
  const status = detail.xhr ? detail.xhr.status : 0;
  const since = `What you see is from ${clock.format(lastNews)}.`;
  document.getElementById("lost").textContent = status >= 400 && status < 500
    ? `This page cannot be renewed any more (${status}). ${since} Reload it.`
    : `The server does not answer; trying again… ${since}`;
}

// What is limited is said by a page, which takes the place of the one that is shown.
function tooOften({ detail }) {
  if (detail.xhr.status !== 429) return;
  detail.shouldSwap = true;
  detail.isError = false;
}

function arm(root) {
  armCopyButtons(root);
  localiseTimes(root);
}

document.addEventListener("DOMContentLoaded", () => {
  arm(document);
  const { body } = document;
  body.addEventListener("htmx:load", (event) => arm(event.detail.elt));
  body.addEventListener("htmx:beforeSwap", (event) => remember(event.detail.target));
  body.addEventListener("htmx:beforeSwap", tooOften);
  body.addEventListener("htmx:load", (event) => restore(event.detail.elt));
  body.addEventListener("htmx:afterOnLoad", heard);
  for (const sign of ["sendError", "timeout", "responseError"]) body.addEventListener(`htmx:${sign}`, lost);
});
