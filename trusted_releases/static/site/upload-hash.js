// Digests of files, beside the page: crypto.subtle wants a file whole, and ours have gigabytes.
// For each {id, file, part} comes {id, done} on the way, then {id, sha256, parts} or {id, problem}.
"use strict";

const K = new Int32Array(64);
const START = new Int32Array(8);
for (let n = 2, found = 0; found < 64; n += 1) {
  let prime = true;
  for (let d = 2; d * d <= n; d += 1) if (n % d === 0) prime = false;
  if (!prime) continue;
  const fraction = (root) => ((root - Math.floor(root)) * 4294967296) | 0;
  if (found < 8) START[found] = fraction(Math.sqrt(n));
  K[found] = fraction(Math.cbrt(n));
  found += 1;
}

class Sha256 {
  constructor() {
    this.state = START.slice();
    this.words = new Int32Array(64);
    this.rest = new Uint8Array(64);
    this.held = 0;
    this.size = 0;
  }

  update(bytes) {
    this.size += bytes.length;
    let at = 0;
    if (this.held) {
      at = Math.min(64 - this.held, bytes.length);
      this.rest.set(bytes.subarray(0, at), this.held);
      this.held += at;
      if (this.held < 64) return;
      this.blocks(this.rest, 0, 64);
      this.held = 0;
    }
    const end = at + ((bytes.length - at) & ~63);
    this.blocks(bytes, at, end);
    this.rest.set(bytes.subarray(end));
    this.held = bytes.length - end;
  }

  blocks(bytes, from, to) {
    const w = this.words;
    const s = this.state;
    for (let at = from; at < to; at += 64) {
      for (let i = 0, j = at; i < 16; i += 1, j += 4) {
        w[i] = (bytes[j] << 24) | (bytes[j + 1] << 16) | (bytes[j + 2] << 8) | bytes[j + 3];
      }
      for (let i = 16; i < 64; i += 1) {
        const x = w[i - 15];
        const y = w[i - 2];
        const p = ((x >>> 7) | (x << 25)) ^ ((x >>> 18) | (x << 14)) ^ (x >>> 3);
        const q = ((y >>> 17) | (y << 15)) ^ ((y >>> 19) | (y << 13)) ^ (y >>> 10);
        w[i] = (w[i - 16] + p + w[i - 7] + q) | 0;
      }
      let a = s[0], b = s[1], c = s[2], d = s[3], e = s[4], f = s[5], g = s[6], h = s[7];
      for (let i = 0; i < 64; i += 1) {
        const p = ((e >>> 6) | (e << 26)) ^ ((e >>> 11) | (e << 21)) ^ ((e >>> 25) | (e << 7));
        const one = (h + p + ((e & f) ^ (~e & g)) + K[i] + w[i]) | 0;
        const q = ((a >>> 2) | (a << 30)) ^ ((a >>> 13) | (a << 19)) ^ ((a >>> 22) | (a << 10));
        const two = (q + ((a & b) ^ (a & c) ^ (b & c))) | 0;
        h = g; g = f; f = e; e = (d + one) | 0;
        d = c; c = b; b = a; a = (one + two) | 0;
      }
      s[0] += a; s[1] += b; s[2] += c; s[3] += d; s[4] += e; s[5] += f; s[6] += g; s[7] += h;
    }
  }

  hex() {
    const bits = this.size * 8;
    const tail = new Uint8Array(((this.held < 56) ? 64 : 128) - this.held);
    tail[0] = 0x80;
    const view = new DataView(tail.buffer);
    view.setUint32(tail.length - 8, Math.floor(bits / 4294967296));
    view.setUint32(tail.length - 4, bits >>> 0);
    this.update(tail);
    return Array.from(this.state, (word) => (word >>> 0).toString(16).padStart(8, "0")).join("");
  }
}

async function digest(bytes) {
  if (self.crypto && self.crypto.subtle) { // only where the page came by https
    const found = new Uint8Array(await self.crypto.subtle.digest("SHA-256", bytes));
    return Array.from(found, (byte) => byte.toString(16).padStart(2, "0")).join("");
  }
  const own = new Sha256();
  own.update(bytes);
  return own.hex();
}

async function digests({ id, file, part }) {
  const whole = new Sha256();
  const parts = [];
  for (let at = 0; at < file.size; at += part) {
    const bytes = new Uint8Array(await file.slice(at, at + part).arrayBuffer());
    const one = digest(bytes);
    whole.update(bytes);
    parts.push(await one);
    self.postMessage({ id, done: at + bytes.length });
  }
  self.postMessage({ id, sha256: parts.length === 1 ? parts[0] : whole.hex(), parts });
}

self.onmessage = (event) => {
  digests(event.data).catch(() => self.postMessage({ id: event.data.id, problem: true }));
};
