// Uploads: files go in parts, so that a cut costs one part; one sees how far it is, and how fast.
"use strict";

const AT_ONCE = 3;
const PAUSES = [1, 2, 4, 8, 16, 30]; // seconds before a part is tried again
const SHOWN = 100; // files with a line of their own
const AGAIN = 1; // seconds before one asks how far the server is

class Problem extends Error {
  constructor(sentences, broken = false) {
    super(sentences[0]);
    this.sentences = sentences;
    this.broken = broken;
  }
}

const BROKEN = "The connection broke. What has come is kept: go on when it is back.";

function count(number, one) { return `${number} ${one}${number === 1 ? "" : "s"}`; }

function wait(seconds) { return new Promise((done) => { setTimeout(done, 1000 * seconds); }); }

function node(name, text, attributes = {}) {
  const made = document.createElement(name);
  made.textContent = text;
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
  return made;
}

// One request. What the server refuses is a Problem with its sentences.
function request(url, body, { form, type, progress, open } = {}) {
  return new Promise((done, failed) => {
    const sent = new XMLHttpRequest();
    sent.open("POST", url);
    sent.responseType = "json";
    sent.setRequestHeader("X-Requested-With", "XMLHttpRequest");
    sent.setRequestHeader("X-CSRFToken", form.elements.csrfmiddlewaretoken.value);
    sent.setRequestHeader("Content-Type", type || "application/json");
    if (progress) sent.upload.addEventListener("progress", (event) => progress(event.loaded));
    sent.addEventListener("load", () => {
      const answer = sent.response || {};
      if (sent.status >= 200 && sent.status < 300) { done(answer); return; }
      const later = sent.status >= 500 || sent.status === 429;
      const said = `The server answered ${sent.status}. Reload the page and choose the same files: what has come is kept.`;
      const problem = new Problem(answer.refused || [said], later);
      problem.wait = Number(sent.getResponseHeader("Retry-After")) || 0;
      failed(problem);
    });
    sent.addEventListener("error", () => failed(new Problem([BROKEN], true)));
    sent.addEventListener("abort", () => failed(new Problem(["Cancelled."])));
    if (open) open.add(sent);
    sent.addEventListener("loadend", () => open && open.delete(sent));
    sent.send(type ? body : JSON.stringify(body));
  });
}

class Upload {
  constructor(form, files) {
    this.form = form;
    this.files = files; // {path, file}, later with sha256, parts, known, done, row
    this.total = files.reduce((sum, each) => sum + each.file.size, 0);
    this.open = new Set();
    this.key = "";
    this.cancelled = false;
    this.box = form.querySelector(".sending");
    this.bar = this.box.querySelector("progress");
    this.pace = this.box.querySelector(".pace");
    this.status = this.box.querySelector("[role=status]");
    this.stop = this.box.querySelector("[data-stop]");
    this.again = this.box.querySelector("[data-again]");
    this.rows();
  }

  say(text) { this.status.textContent = text; }

  rows() {
    const body = this.box.querySelector("tbody");
    body.replaceChildren();
    for (const each of this.files.slice(0, SHOWN)) {
      const row = document.createElement("tr");
      each.cell = node("td", "waits");
      row.append(node("td", each.path, { class: "path" }), node("td", bytes(each.file.size), { class: "number" }), each.cell);
      body.append(row);
    }
    this.box.querySelector("[data-more]").textContent = this.files.length > SHOWN ? `And ${this.files.length - SHOWN} more.` : "";
  }

  mark(each, text) { if (each.cell) each.cell.textContent = text; }

  async run() {
    this.busy(true);
    this.say(`Asking whether ${count(this.files.length, "file")} (${bytes(this.total)}) can be taken.`);
    try {
      if (!this.asked) await this.ask();
      if (!this.hashed) await this.hash();
      await this.send();
      await this.finish();
    } catch (problem) {
      this.failed(problem);
    }
  }

  async ask() {
    const files = this.files.map((each) => ({ relpath: each.path, size: each.file.size }));
    const answer = await request(this.form.dataset.ask, { files }, { form: this.form });
    if (answer.oddities.length) await this.confirm(answer.oddities);
    this.asked = true;
  }

  confirm(sentences) {
    const box = tell(this.form, "Look at this before anything is sent.", sentences, "warn");
    const go = node("button", "Send it all the same", { type: "button" });
    box.append(go);
    this.say("Something looks odd. Nothing has been sent yet.");
    go.focus();
    return new Promise((done, failed) => {
      go.addEventListener("click", () => { box.hidden = true; done(); });
      this.refuse = failed;
    });
  }

  async hash() {
    const worker = new Worker(this.form.dataset.worker);
    this.worker = worker;
    let before = 0;
    for (const [id, each] of this.files.entries()) {
      this.mark(each, "is looked at");
      await new Promise((done, failed) => {
        this.refuse = failed;
        const unread = () => failed(new Problem([`${each.path} cannot be read. Choose the files again.`]));
        worker.onerror = unread;
        worker.onmessage = ({ data }) => {
          if (data.problem) unread();
          else if (data.parts) { Object.assign(each, data); done(); }
          else this.show(before + data.done, "Looking at the files", false);
        };
        worker.postMessage({ id, file: each.file, part: Number(this.form.dataset.part) });
      });
      before += each.file.size;
      this.mark(each, "waits");
    }
    worker.terminate();
    this.hashed = true;
  }

  async send() {
    const files = this.files.map((each) => ({ relpath: each.path, size: each.file.size, sha256: each.sha256 }));
    const answer = await this.persist(() => request(this.form.dataset.begin, { files }, { form: this.form }));
    this.key = answer.upload;
    const queue = [];
    this.there = 0;
    answer.files.forEach(({ known, present, parts }, index) => {
      const each = this.files[index];
      const here = new Set(present);
      const size = Number(this.form.dataset.part);
      each.done = 0;
      each.left = 0;
      for (let part = 0; part < parts; part += 1) {
        const length = Math.min(size, each.file.size - part * size);
        if (known || here.has(part)) each.done += length;
        else { each.left += 1; queue.push({ each, index, part, start: part * size, length }); }
      }
      this.there += each.done;
      this.mark(each, known ? "is here already" : each.left ? "waits" : "is here");
    });
    if (this.there) this.say(`${bytes(this.there)} of ${bytes(this.total)} are here already and are not sent again.`);
    else this.say(`Sending ${bytes(this.total)}.`);
    this.sent = 0;
    this.began = Date.now();
    this.flying = new Map();
    this.progress();
    await Promise.all(Array.from({ length: AT_ONCE }, () => this.work(queue)));
  }

  async work(queue) {
    for (let job = queue.shift(); job && !this.cancelled; job = queue.shift()) {
      await this.persist(() => this.part(job));
      this.flying.delete(job);
      this.sent += job.length;
      job.each.done += job.length;
      job.each.left -= 1;
      const share = Math.floor((100 * job.each.done) / job.each.file.size);
      this.mark(job.each, job.each.left ? `${share} %` : "is here");
      this.progress();
    }
  }

  part(job) {
    const query = new URLSearchParams({ upload: this.key, file: job.index, offset: job.start, sha256: job.each.parts[job.part] });
    const piece = job.each.file.slice(job.start, job.start + job.length);
    const progress = (loaded) => { this.flying.set(job, Math.min(loaded, job.length)); this.progress(); };
    return request(`${this.form.dataset.to}?${query}`, piece, { form: this.form, type: "application/octet-stream", progress, open: this.open });
  }

  // Try again where the line or the server fails, for a minute; a refusal stays one.
  async persist(attempt) {
    for (const pause of [...PAUSES, 0]) {
      try {
        return await attempt();
      } catch (problem) {
        if (!problem.broken || !pause || this.cancelled) throw problem;
        this.say(`The connection broke. Trying again in ${duration(Math.max(pause, problem.wait || 0))}.`);
        await wait(Math.max(pause, problem.wait || 0));
        if (this.cancelled) throw problem;
      }
    }
    return null;
  }

  async finish() {
    if (this.cancelled) return;
    this.pace.textContent = "Everything has arrived and is being stored.";
    this.say("Everything has arrived and is being stored.");
    for (;;) { // a large upload is put together by a worker, for as long as that takes
      const answer = await this.persist(() => request(this.form.dataset.finish, { upload: this.key }, { form: this.form }));
      if (answer.location) { window.location.assign(answer.location); return; }
      this.show(answer.done, "Everything has arrived. Put together", 0);
      await wait(AGAIN);
      if (this.cancelled) return;
    }
  }

  progress() {
    const flying = [...this.flying.values()].reduce((sum, each) => sum + each, 0);
    const seconds = (Date.now() - this.began) / 1000;
    const speed = seconds >= 1 ? (this.sent + flying) / seconds : 0;
    this.show(this.there + this.sent + flying, "Sent", speed);
  }

  show(done, what, speed) {
    const share = this.total ? Math.floor((100 * done) / this.total) : 100;
    this.bar.max = Math.max(1, this.total);
    this.bar.value = done;
    let text = `${what}: ${share} %, ${bytes(done)} of ${bytes(this.total)}`;
    if (speed) text += `, ${bytes(Math.round(speed))}/s, about ${duration((this.total - done) / speed)} left`;
    this.pace.textContent = text;
    const tenth = `${what}${Math.floor(share / 10)}`;
    if (share >= 10 && tenth !== this.told) { // a screen reader hears each tenth, not each part
      this.told = tenth;
      this.say(text);
    }
  }

  async cancel() {
    this.cancelled = true;
    if (this.worker) this.worker.terminate();
    for (const each of [...this.open]) each.abort();
    if (this.refuse) this.refuse(new Problem(["Cancelled."]));
    if (this.key) await request(this.form.dataset.discard, { upload: this.key }, { form: this.form }).catch(() => null);
    this.busy(false);
    this.box.hidden = true;
    const said = this.form.querySelector(".refusals");
    said.hidden = true;
    this.form.querySelector("button[type=submit]").focus();
  }

  failed(problem) {
    if (this.cancelled) return;
    for (const each of [...this.open]) each.abort();
    const sentences = problem.sentences || [`Something went wrong here (${problem.message}). Reload the page and choose the same files.`];
    if (problem.broken && this.hashed) {
      this.pace.textContent = "";
      this.say(sentences[0]);
      this.again.hidden = false;
      this.again.focus();
      return;
    }
    this.busy(false);
    this.box.hidden = true;
    tell(this.form, "The upload was not taken. Nothing has changed.", sentences, "stop");
  }

  busy(yes) {
    this.form.querySelector(".refusals").hidden = true;
    this.form.querySelector("button[type=submit]").disabled = yes;
    this.again.hidden = true;
    if (yes) {
      this.bar.value = 0;
      this.pace.textContent = "";
      this.box.hidden = false;
    }
    this.stop.onclick = () => this.cancel();
    this.again.onclick = () => this.run();
  }
}

function tell(form, title, sentences, kind) {
  const box = form.querySelector(".refusals");
  const list = document.createElement("ul");
  for (const sentence of sentences) list.append(node("li", sentence));
  box.className = `refusals notice ${kind}`;
  box.replaceChildren(node("p", title, { class: "notice-title" }), list);
  box.hidden = false;
  return box;
}

// --- What was chosen, and where it goes ---

function placed(form, name) {
  const inside = form.elements.inside;
  const below = inside && inside.checked && name.includes("/") ? name.slice(name.indexOf("/") + 1) : name;
  const directory = form.elements.directory ? form.elements.directory.value.trim().replace(/^\/+|\/+$/g, "") : "";
  return directory ? `${directory}/${below}` : below;
}

function chosen(form) {
  const files = form.dropped || Array.from(form.elements.files.files, (file) => ({ path: file.webkitRelativePath || file.name, file }));
  return files.map(({ path, file }) => ({ path: placed(form, path), file }));
}

async function within(entry, prefix) {
  if (entry.isFile) {
    const file = await new Promise((done, failed) => { entry.file(done, failed); });
    return [{ path: prefix + entry.name, file }];
  }
  const reader = entry.createReader();
  const found = [];
  for (;;) { // a folder tells of a hundred at a time
    const some = await new Promise((done, failed) => { reader.readEntries(done, failed); });
    if (!some.length) return found;
    for (const each of some) found.push(...await within(each, `${prefix}${entry.name}/`));
  }
}

// Files and folders as they were dropped; a folder that comes alone leaves its own name out.
async function dropped(items) {
  const entries = Array.from(items, (item) => item.webkitGetAsEntry && item.webkitGetAsEntry()).filter(Boolean);
  const found = [];
  for (const entry of entries) found.push(...await within(entry, ""));
  const alone = entries.length === 1 && entries[0].isDirectory;
  return alone ? found.map(({ path, file }) => ({ path: path.slice(path.indexOf("/") + 1), file })) : found;
}

function takeDrops(form) {
  const place = node("p", "Or drop files, or a folder, here.", { class: "drop quiet", role: "status" });
  form.elements.files.after(place);
  form.addEventListener("dragover", (event) => { event.preventDefault(); place.classList.add("over"); });
  form.addEventListener("dragleave", () => place.classList.remove("over"));
  form.addEventListener("drop", async (event) => {
    event.preventDefault();
    place.classList.remove("over");
    try {
      form.dropped = await dropped(event.dataTransfer.items);
    } catch {
      place.textContent = "What was dropped cannot be read. Choose it with the button.";
      return;
    }
    const total = form.dropped.reduce((sum, each) => sum + each.file.size, 0);
    form.noValidate = true;
    place.textContent = `${count(form.dropped.length, "file")} dropped, ${bytes(total)}. “Upload files” sends them.`;
    form.querySelector("button[type=submit]").focus();
  });
  form.elements.files.addEventListener("change", () => {
    form.dropped = null;
    form.noValidate = false;
    place.textContent = "Or drop files, or a folder, here.";
  });
}

for (const form of document.querySelectorAll("form[data-send]")) {
  if (!form.elements.files.hasAttribute("webkitdirectory")) takeDrops(form);
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    new Upload(form, chosen(form)).run();
  });
}
