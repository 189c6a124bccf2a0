// Names for a field that takes one: asked for while somebody types, offered by the browser.
// Without this file the field is what it is anyhow: a place to type a name in full.
"use strict";

const WAIT = 200; // milliseconds after the last key

function suggest(field, number) {
  const list = document.createElement("datalist");
  list.id = `suggested-${number}`;
  field.after(list);
  field.setAttribute("list", list.id);
  let timer = 0;
  let asked = "";

  async function ask() {
    asked = field.value.trim();
    if (!asked) return list.replaceChildren();
    const mine = asked;
    const query = new URLSearchParams({ term: mine });
    const answer = await fetch(`${field.dataset.suggest}&${query}`).catch(() => null);
    if (!answer || !answer.ok || mine !== asked) return;
    const { results } = await answer.json();
    list.replaceChildren(...results.map(({ name, says }) => new Option(says, name)));
  }

  field.addEventListener("input", () => {
    clearTimeout(timer);
    timer = setTimeout(ask, WAIT);
  });
}

document.addEventListener("DOMContentLoaded", () => {
  document.querySelectorAll("input[data-suggest]").forEach(suggest);
});
