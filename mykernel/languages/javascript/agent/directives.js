// What directives at a cell's head want of the process: its folder, its environment, and the names
// that cells have defined.
"use strict";

// A cell may give these names another meaning.
const { Array, Function, Object, Set, String, process } = globalThis;

const { REFUSES } = require("./declarations.js");

const { chdir } = process;
// Names that are there before any cell.
let own = new Set();

function ready() {
  own = new Set(Object.getOwnPropertyNames(globalThis));
}

// Each is given the directive's text, and returns the answer; what it throws is told to the user.
const answers = {
  cd: (text) => {
    chdir(text);
    return "";
  },
  setenv: (text) => {
    const at = text.indexOf("=");
    process.env[text.slice(0, at)] = text.slice(at + 1);
    return "";
  },
  env: () => Object.entries(process.env).map(([name, value]) => `${name}=${value}\0`).join(""),
  who: (_, cells) => {
    const found = [...cells.lexicalNames()].map((name) => [name, cells.lexical(name)?.value]);
    for (const [name, { value }] of Object.entries(Object.getOwnPropertyDescriptors(globalThis))) {
      if (!own.has(name) && !REFUSES.test(name)) found.push([name, value]);
    }
    return found.map(([name, value]) => `${name}\t${kind(value)}`).join("\n");
  },
};

// Nothing of the value is executed.
function kind(value) {
  if (Array.isArray(value)) return "array";
  if (value === null) return "null";
  if (typeof value !== "function") return typeof value;
  return Function.prototype.toString.call(value).startsWith("class") ? "class" : "function";
}

// question: {directive, text}. Returns {text} or {failure}.
function answer({ directive, text }, cells) {
  try {
    return { text: answers[directive](text, cells) };
  } catch (error) {
    return { failure: String(error?.message ?? error) };
  }
}

module.exports = { answer, ready };
