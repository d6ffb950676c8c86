// A value in words, without touching anything that could run the user's code.
"use strict";

// A cell may give these names another meaning.
const {
  Array, ArrayBuffer, Date, Function, JSON, Map, Math, Object, RegExp, Set, String,
} = globalThis;

const { types } = require("node:util");

const told = require("./errors.js");

const BOLD = "\x1b[1m";
const DIM = "\x1b[2m";
const OFF = "\x1b[0m";
// Properties that are shown of an object, and UTF-16 units of a string.
const MOST = 20;
const LONGEST = 200;
const mapSize = Object.getOwnPropertyDescriptor(Map.prototype, "size").get;
const setSize = Object.getOwnPropertyDescriptor(Set.prototype, "size").get;

// What inspection shows. detail: 1 for the whole source.
function described(name, value, detail) {
  if (typeof value !== "function" || types.isProxy(value)) {
    return `${BOLD}${name}${OFF}: ${kind(value)}\n${preview(value, 1)}`;
  }
  const source = Function.prototype.toString.call(value);
  const native = /\{\s*\[native code\]\s*\}$/.test(source);
  const lines = [`${BOLD}${title(name, value, source)}${OFF}`];
  const found = !native && told.declaration(source);
  if (found) lines.push(...found.comment, `${DIM}${found.name}, line ${found.line}${OFF}`);
  if (native) lines.push(`${DIM}built in, ${own(value, "length")} parameters${OFF}`);
  else if (detail) lines.push("", source);
  return lines.join("\n");
}

function title(name, value, source) {
  if (source.startsWith("class")) {
    const parent = Object.getPrototypeOf(value);
    const of = typeof parent === "function" && !types.isProxy(parent) ? own(parent, "name") : "";
    return `class ${name}${typeof of === "string" && of ? ` extends ${of}` : ""}${signature(value)}`;
  }
  const words = /^async\b/.test(source) ? "async function" : "function";
  return `${words}${/^(?:async\s+)?function\s*\*/.test(source) ? "*" : ""} ${name}${signature(value)}`;
}

// "(a, b = 1)" as it was written, "" where that is not known.
function signature(value) {
  let source = Function.prototype.toString.call(value);
  if (/\{\s*\[native code\]\s*\}$/.test(source)) return "";
  if (source.startsWith("class")) {
    const at = source.search(/\bconstructor\s*\(/);
    if (at < 0) return "()";
    source = source.slice(at);
  }
  const single = /^(?:async\s+)?([\p{ID_Continue}$]+)\s*=>/u.exec(source);
  if (single) return `(${single[1]})`;
  const start = source.indexOf("(");
  return source.slice(start, closing(source, start)).replace(/\s+/g, " ");
}

// Where the bracket at start is closed; strings may hold brackets.
function closing(source, start) {
  let depth = 0;
  const tokens = /"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*'|`(?:[^`\\]|\\.)*`|\/\*[^]*?\*\/|[()[\]{}]/g;
  tokens.lastIndex = start;
  for (let token; (token = tokens.exec(source)); ) {
    if ("([{".includes(token[0])) depth++;
    else if (")]}".includes(token[0]) && --depth === 0) return tokens.lastIndex;
  }
  return source.length;
}

function kind(value) {
  if (value === null) return "null";
  if (types.isProxy(value)) return "Proxy";
  if (typeof value !== "object") return typeof value;
  for (let object = value; object; object = Object.getPrototypeOf(object)) {
    if (types.isProxy(object)) break;
    const maker = own(object, "constructor");
    if (typeof maker !== "function" || types.isProxy(maker)) continue;
    const name = own(maker, "name");
    if (typeof name === "string" && name) return name;
  }
  return "object";
}

function preview(value, depth) {
  if (types.isProxy(value)) return "Proxy {...}";
  if (typeof value === "string") {
    return JSON.stringify(value.length > LONGEST ? `${value.slice(0, LONGEST)}...` : value);
  }
  if (typeof value === "function") return `[Function${own(value, "name") ? ` ${String(own(value, "name"))}` : ""}]`;
  if (typeof value === "bigint") return `${value}n`;
  if (typeof value !== "object" || value === null) return String(value);
  if (types.isMap(value)) return `Map(${mapSize.call(value)})`;
  if (types.isSet(value)) return `Set(${setSize.call(value)})`;
  if (types.isDate(value)) return Date.prototype.toString.call(value);
  if (types.isRegExp(value)) return RegExp.prototype.toString.call(value);
  const list = Array.isArray(value) || ArrayBuffer.isView(value);
  if (list && types.isTypedArray(value)) return `${kind(value)}(${value.length})`;
  if (!depth) return list ? `[... ${own(value, "length")}]` : `${kind(value)} {...}`;
  const names = list
    ? [...Array(Math.min(own(value, "length") ?? 0, MOST)).keys()].map(String)
    : Object.getOwnPropertyNames(value).slice(0, MOST);
  const shown = names.map((name) => (list ? "" : `${name}: `) + part(value, name, depth));
  const total = list ? own(value, "length") : Object.getOwnPropertyNames(value).length;
  if (total > shown.length) shown.push(`... ${total - shown.length} more`);
  return list ? `[${shown.join(", ")}]` : shown.length ? `{\n  ${shown.join(",\n  ")}\n}` : "{}";
}

function part(object, name, depth) {
  const descriptor = Object.getOwnPropertyDescriptor(object, name);
  if (!descriptor) return "";
  return "value" in descriptor ? preview(descriptor.value, depth - 1) : "[Getter]";
}

function own(object, name) {
  return Object.getOwnPropertyDescriptor(object, name)?.value;
}

module.exports = { described, signature };
