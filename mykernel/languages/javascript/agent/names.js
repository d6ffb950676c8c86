// The names that live, for completion, and what they stand for, for inspection. Nothing that the
// user wrote is executed: no getter is called, and no proxy is touched.
"use strict";

// A cell may give these names another meaning.
const { Array, ArrayBuffer, Function, Map, Object, Set, String, Symbol } = globalThis;

const fs = require("node:fs");
const Module = require("node:module");
const path = require("node:path");
const { types } = require("node:util");

const context = require("./context.js");
const { REFUSES } = require("./declarations.js");
const modules = require("./modules.js");
const { described, signature } = require("./description.js");

const MOST = 1000;
// Elements of an array from which on its indices are not listed.
const LONG = 1000;
const WORD = /^[\p{ID_Start}$_][\p{ID_Continue}$\u200c\u200d]*$/u;
const KEYWORDS =
  "async await break case catch class const continue debugger default delete do else export extends false finally for function if import in instanceof let new null of return static super switch this throw true try typeof undefined var void while with yield".split(
    " ",
  );
const HIDDEN = new Set([modules.LOAD, "$$meta"]);
// Node defines some of its own globals by getters, which may be called.
const OWN_GETTERS = new Map(
  Object.entries(Object.getOwnPropertyDescriptors(globalThis)).map(([name, { get }]) => [name, get]),
);
const NOTHING = Symbol("nothing");

// question: {before, code}. Returns {prefix, items: [[text, kind, signature]]}.
function complete({ before, code }, cells) {
  const where = context.atCursor(before);
  if (!where) return { prefix: "", items: [] };
  const found = {
    module: () => specifiers(where.prefix).map((name) => [name, "module", ""]),
    name: () => globals(code, where.prefix, cells),
    member: () => members(resolve(where.chain, cells)).filter(([name]) => WORD.test(name)),
    key: () => members(resolve(where.chain, cells)).map((item) => [keyed(item[0], where.quote), ...item.slice(1)]),
  }[where.kind]();
  const items = found.filter(([name]) => name.startsWith(where.prefix)).slice(0, MOST);
  return { prefix: where.prefix, items };
}

// question: {before, after, detail}. Returns the text, null when nothing is known.
function inspect({ before, after, detail }, cells) {
  const chain = context.named(before, after);
  if (!chain?.length) return null;
  const value = resolve(chain, cells);
  if (value === NOTHING) return null;
  return described(chain.map((step) => step.name ?? "").join("."), value, detail);
}

function resolve(chain, cells) {
  let value = NOTHING;
  for (const [at, step] of chain.entries()) {
    if (at) value = member(value, step.name);
    else value = "literal" in step ? step.literal : root(step.name, cells);
    if (value === NOTHING) return NOTHING;
  }
  return value;
}

function root(name, cells) {
  if (name === "this") return globalThis;
  const lexical = cells.lexical(name);
  if (lexical) return lexical.value;
  const descriptor = Object.getOwnPropertyDescriptor(globalThis, name);
  if (descriptor?.get && descriptor.get === OWN_GETTERS.get(name)) return globalThis[name];
  return member(globalThis, name);
}

function member(value, name) {
  for (const object of lineage(value)) {
    const descriptor = Object.getOwnPropertyDescriptor(object, name);
    if (descriptor) return "value" in descriptor ? descriptor.value : NOTHING;
  }
  return NOTHING;
}

// The object and its prototypes, up to the first proxy.
function* lineage(value) {
  if (value === null || value === undefined || value === NOTHING) return;
  for (let object = Object(value); object !== null; object = Object.getPrototypeOf(object)) {
    if (types.isProxy(object)) return;
    yield object;
  }
}

function members(value) {
  const found = new Map();
  for (const object of lineage(value)) {
    const names = listed(object).sort();
    for (const name of names) {
      if (!found.has(name)) found.set(name, item(name, Object.getOwnPropertyDescriptor(object, name)));
    }
  }
  return [...found.values()];
}

function listed(object) {
  const indexed = Array.isArray(object) || ArrayBuffer.isView(object) || object instanceof String;
  if (indexed && object.length > LONG) return ["length"];
  return Object.getOwnPropertyNames(object).filter((name) => !indexed || !/^\d+$/.test(name));
}

function item(name, descriptor) {
  const value = descriptor?.value;
  if (typeof value !== "function" || types.isProxy(value)) return [name, "property", ""];
  const source = Function.prototype.toString.call(value);
  return [name, source.startsWith("class") ? "class" : "function", signature(value)];
}

function globals(code, prefix, cells) {
  const found = new Map();
  const add = (name, as) => {
    if (HIDDEN.has(name) || REFUSES.test(name)) return;
    if (name.startsWith(prefix) && !found.has(name)) found.set(name, as);
  };
  for (const name of [...cells.lexicalNames()].sort()) {
    const value = prefix && name.startsWith(prefix) ? cells.lexical(name)?.value : undefined;
    add(name, item(name, { value }));
  }
  for (const name of context.declared(code)) add(name, [name, "instance", ""]);
  for (const as of members(globalThis)) add(as[0], as);
  for (const name of KEYWORDS) add(name, [name, "keyword", ""]);
  // What is being typed is no name yet.
  if (found.get(prefix)?.[1] === "instance") found.delete(prefix);
  return [...found.values()];
}

function keyed(name, quote) {
  return name.replaceAll("\\", "\\\\").replaceAll(quote, `\\${quote}`).replaceAll("\n", "\\n");
}

// Modules of Node's own, packages in the folders that Node searches, and files.
function specifiers(prefix) {
  if (/^\.{1,2}\//.test(prefix) || prefix.startsWith("/")) return files(prefix);
  const found = Module.builtinModules.filter((name) => !name.startsWith("_"));
  const names = new Set(prefix.startsWith("node:") ? found.map((name) => `node:${name}`) : found);
  for (const folder of Module._nodeModulePaths(modules.home)) {
    for (const entry of entries(folder)) {
      if (entry.name.startsWith(".")) continue;
      if (!entry.name.startsWith("@")) names.add(entry.name);
      else for (const scoped of entries(path.join(folder, entry.name))) names.add(`${entry.name}/${scoped.name}`);
    }
  }
  return [...names].sort();
}

function files(prefix) {
  const cut = prefix.lastIndexOf("/") + 1;
  const folder = path.resolve(modules.home, prefix.slice(0, cut));
  return entries(folder)
    .filter((entry) => entry.isDirectory() || /\.(?:[cm]?[jt]s|json|node)$/.test(entry.name))
    .map((entry) => prefix.slice(0, cut) + entry.name + (entry.isDirectory() ? "/" : ""))
    .sort();
}

function entries(folder) {
  try {
    return fs.readdirSync(folder, { withFileTypes: true });
  } catch {
    return [];
  }
}

module.exports = { complete, inspect };
