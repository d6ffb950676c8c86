// What a value looks like in a notebook: a MIME bundle, by what the value says of itself
// (Symbol.for("Jupyter.display"), as in Deno) or by what it is like.
"use strict";

// A cell may give these names another meaning.
const {
  Boolean, Buffer, JSON, Map, Object, Promise, Set, String, Symbol, TypeError, Uint8Array,
  process,
} = globalThis;

const fs = require("node:fs");
const path = require("node:path");
const util = require("node:util");

const SYMBOL = Symbol.for("Jupyter.display");
const SVG = /^\s*(?:<\?xml[^>]*>\s*)?(?:<!--[^]*?-->\s*)?(?:<!DOCTYPE svg[^>]*>\s*)?<svg[\s>]/i;
const VEGA = /\/schema\/vega(-lite)?\/v(\d+)/;
const PICTURES = [
  ["image/png", [0x89, 0x50, 0x4e, 0x47]],
  ["image/jpeg", [0xff, 0xd8, 0xff]],
  ["image/gif", [0x47, 0x49, 0x46, 0x38]],
];

class Display {
  #send;
  #waiting = new Set();
  #count = 0;

  // send: takes a message's type and content.
  constructor(send) {
    this.#send = send;
  }

  // Show a cell's last value. Returns when it is shown.
  async result(value) {
    const data = await bundle(value);
    this.#send("execute_result", { data, metadata: {} });
  }

  // Show a value now. Returns a handle that can show another one in its place.
  show(value, { id, update = false, raw = false, metadata = {} } = {}) {
    const own = id ?? `mykernel-${process.pid}-${++this.#count}`;
    const kind = update ? "update_display_data" : "display_data";
    const transient = id === undefined && !update ? { display_id: own } : { display_id: String(own) };
    const send = (data) => this.#send(kind, { data, metadata, transient });
    const data = raw ? texts(value) : bundle(value);
    if (typeof data.then === "function") this.#wait(data.then(send));
    else send(data);
    return {
      id: own,
      update: (next, options) => void this.show(next, { ...options, id: own, update: true }),
    };
  }

  clear(wait = false) {
    this.#send("clear_output", { wait: Boolean(wait) });
  }

  // Return when all that was to be shown is shown; throw when something could not be.
  async settled() {
    await Promise.all(this.#waiting);
  }

  #wait(promise) {
    const done = promise.finally(() => this.#waiting.delete(done));
    this.#waiting.add(done);
    // Told by `settled`, where a cell still waits for it.
    done.catch(() => {});
  }
}

// The bundle of a value, or a promise of it.
function bundle(value) {
  const own = method(value, SYMBOL);
  if (own) {
    const said = own.call(value);
    return typeof said?.then === "function" ? said.then(texts) : texts(said);
  }
  return { ...like(value), "text/plain": plain(value) };
}

function plain(value) {
  return util.inspect(value, { colors: process.env.NO_COLOR === undefined });
}

function like(value) {
  if (typeof value === "string") return SVG.test(value) ? { "image/svg+xml": value } : {};
  if (typeof value !== "object" || value === null) return {};
  const schema = typeof value.$schema === "string" && VEGA.exec(value.$schema);
  if (schema) return vega(value, schema);
  if (value instanceof Uint8Array) return picture(value);
  if (typeof value.outerHTML === "string") {
    const kind = /^svg$/i.test(value.tagName) ? "image/svg+xml" : "text/html";
    return { [kind]: value.outerHTML };
  }
  const made = {};
  for (const [name, kind] of [
    ["toHTML", "text/html"],
    ["toSVG", "image/svg+xml"],
    ["toPNG", "image/png"],
    ["toMarkdown", "text/markdown"],
    ["toLatex", "text/latex"],
  ]) {
    const make = method(value, name);
    const text = make && make.call(value);
    if (typeof text === "string") made[kind] = text;
    else if (text instanceof Uint8Array) made[kind] = base64(text);
  }
  return made;
}

function method(value, name) {
  if (value === null || (typeof value !== "object" && typeof value !== "function")) return null;
  return typeof value[name] === "function" ? value[name] : null;
}

function vega(spec, [, lite, version]) {
  const kind = lite ? "vegalite" : "vega";
  return { [`application/vnd.${kind}.v${version}+json`]: JSON.parse(JSON.stringify(spec)) };
}

function picture(bytes) {
  const found = PICTURES.find(([, magic]) => magic.every((byte, at) => bytes[at] === byte));
  return found ? { [found[0]]: base64(bytes) } : {};
}

function base64(bytes) {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString("base64");
}

// A bundle that the user made: pictures in bytes become base64, as the protocol wants it.
function texts(made) {
  if (typeof made !== "object" || made === null) {
    throw new TypeError('what is displayed as a MIME bundle is an object: {"text/html": "..."}');
  }
  return Object.fromEntries(
    Object.entries(made).map(([kind, data]) => [kind, data instanceof Uint8Array ? base64(data) : data]),
  );
}

// The functions that cells call: display(value), display.html(text) and so on.
function functions(display) {
  const show = (value, options) => display.show(value, options);
  const as = (kind) => (data, options) => display.show({ [kind]: data }, { ...options, raw: true });
  for (const [name, kind] of [
    ["html", "text/html"],
    ["markdown", "text/markdown"],
    ["latex", "text/latex"],
    ["svg", "image/svg+xml"],
    ["json", "application/json"],
    ["javascript", "application/javascript"],
    ["text", "text/plain"],
  ]) {
    show[name] = as(kind);
  }
  // A picture: its bytes, or the path of its file.
  show.image = (source, options) => {
    const bytes = typeof source === "string" ? fs.readFileSync(path.resolve(source)) : source;
    const made = picture(bytes);
    if (!Object.keys(made).length) throw new TypeError("this is no PNG, JPEG or GIF picture");
    return display.show(made, { ...options, raw: true });
  };
  show.raw = (made, options) => display.show(made, { ...options, raw: true });
  show.clear = (options) => display.clear(options?.wait);
  show.symbol = SYMBOL;
  return show;
}

// What console.table shows, as HTML. Columns and their order are Node's own.
function table(rows, columns) {
  const isMap = rows instanceof Map || rows instanceof Set;
  const entries = isMap ? [...rows.entries()].map(([k, v], i) => [i, rows instanceof Map ? { Key: k, Values: v } : v]) : Object.entries(rows);
  const keys = new Set();
  let values = false;
  for (const [, row] of entries) {
    if (typeof row === "object" && row !== null) Object.keys(row).forEach((key) => keys.add(key));
    else values = true;
  }
  const heads = columns ?? [...keys];
  const cell = (tag, text) => `<${tag}>${escaped(text)}</${tag}>`;
  const head = ["", ...heads, ...(values && !columns ? ["Values"] : [])];
  const body = entries.map(([index, row]) => {
    const is = typeof row === "object" && row !== null;
    const cells = heads.map((key) => cell("td", is && Object.hasOwn(row, key) ? flat(row[key]) : ""));
    if (values && !columns) cells.push(cell("td", is ? "" : flat(row)));
    return `<tr>${cell("th", String(index))}${cells.join("")}</tr>`;
  });
  const top = head.map((text) => cell("th", String(text))).join("");
  return `<table><thead><tr>${top}</tr></thead><tbody>${body.join("")}</tbody></table>`;
}

function flat(value) {
  return typeof value === "string" ? value : util.inspect(value, { depth: 0, breakLength: Infinity });
}

function escaped(text) {
  const names = { "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;" };
  return text.replace(/[&<>"]/g, (character) => names[character]);
}

module.exports = { Display, functions, table };
