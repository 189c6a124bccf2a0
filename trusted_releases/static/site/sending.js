// Forms that send files in one request: one sees how far it is, and can stop it.
"use strict";

(() => {
  const sizeOf = (form) => [...form.querySelectorAll("input[type=file]")]
    .flatMap((field) => [...field.files]).reduce((sum, file) => sum + file.size, 0);

  function tell(box, text, aloud) {
    box.querySelector(".pace").textContent = text;
    if (aloud) box.querySelector("[role=status]").textContent = text;
  }

  // The answer is a page: at another address that one is opened, at this one it is shown here.
  function show(answer, address) {
    const main = answer && answer.querySelector("main");
    if (address !== window.location.href.split("#")[0] || !main) { window.location.assign(address); return; }
    document.querySelector("main").replaceWith(main);
    if (window.htmx) window.htmx.process(main);
    const first = main.querySelector("[role=alert], section, h1");
    first.tabIndex = -1;
    first.focus();
  }

  function send(form, box) {
    const total = sizeOf(form);
    const bar = box.querySelector("progress");
    const submit = form.querySelector("button[type=submit]");
    const sent = new XMLHttpRequest();
    const began = Date.now();
    let told = 0;
    const over = (text) => { submit.disabled = false; bar.value = 0; tell(box, text, true); };
    sent.open("POST", form.action);
    sent.responseType = "document";
    sent.upload.addEventListener("progress", (event) => {
      const share = Math.floor((100 * event.loaded) / Math.max(1, event.total));
      const speed = event.loaded / Math.max(1, (Date.now() - began) / 1000);
      const left = event.loaded < event.total ? `${bytes(Math.round(speed))}/s, about ${duration((event.total - event.loaded) / speed)} left` : "it is looked at";
      bar.value = share;
      const tenth = Math.floor(share / 10);
      tell(box, `Sent: ${share} % of ${bytes(total)}, ${left}`, tenth > told);
      told = Math.max(told, tenth);
    });
    sent.addEventListener("load", () => { submit.disabled = false; show(sent.response, sent.responseURL); });
    sent.addEventListener("error", () => over("The connection broke. Nothing was kept: send it again."));
    sent.addEventListener("abort", () => { over("Cancelled. Nothing was kept."); submit.focus(); });
    box.querySelector("[data-stop]").onclick = () => sent.abort();
    submit.disabled = true;
    box.hidden = false;
    tell(box, `Sent: 0 % of ${bytes(total)}`, true);
    sent.send(new FormData(form));
  }

  document.addEventListener("submit", (event) => {
    const box = event.target.querySelector(".sending");
    if (!box || !sizeOf(event.target)) return; // nothing to wait for, or not such a form
    event.preventDefault();
    send(event.target, box);
  });
})();
