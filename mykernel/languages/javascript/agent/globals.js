// The names that cells find: require, display, prompt and the like, and a console that shows
// tables as such.
"use strict";

// A cell may give these names another meaning.
const { Buffer, Object, console, process } = globalThis;

const { Writable } = require("node:stream");
const path = require("node:path");

const { functions, table } = require("./display.js");
const input = require("./input.js");
const modules = require("./modules.js");

// console's methods that write. The originals tell the inspector, too, which would keep what
// was written in memory.
const WRITING =
  "assert count countReset debug dir dirxml error group groupCollapsed groupEnd info log time timeEnd timeLog trace warn";

function install({ cells, display, stdin }) {
  const filename = path.join(modules.home, "[notebook].js");
  const module = { exports: {}, filename, id: filename, path: modules.home, paths: [] };
  define({
    require: modules.require,
    module,
    exports: module.exports,
    __dirname: modules.home,
    __filename: filename,
    display: functions(display),
    prompt: input.prompt,
    confirm: input.confirm,
    alert: input.alert,
  });
  const url = require("node:url");
  const meta = {
    dirname: modules.home,
    filename,
    url: url.pathToFileURL(filename).href,
    resolve: (from) => {
      const found = modules.require.resolve(from);
      return path.isAbsolute(found) ? url.pathToFileURL(found).href : found;
    },
  };
  for (const [name, value] of [[modules.LOAD, modules.loaded], ["$$meta", meta]]) {
    Object.defineProperty(globalThis, name, { value });
  }
  Object.defineProperty(process, "stdin", { get: stdin, configurable: true, enumerable: true });
  process.exit = (status = process.exitCode ?? 0) => {
    process.exitCode = undefined;
    cells.exit(status);
  };
  patchConsole(display);
}

// As a cell's own declarations would: they may be assigned to and declared again.
function define(names) {
  for (const [name, value] of Object.entries(names)) {
    Object.defineProperty(globalThis, name, {
      value,
      configurable: true,
      enumerable: false,
      writable: true,
    });
  }
}

function patchConsole(display) {
  const own = new console.Console({ stdout: process.stdout, stderr: process.stderr });
  for (const name of WRITING.split(" ")) console[name] = own[name];
  console.table = (rows, columns) => {
    if (typeof rows !== "object" || rows === null) return own.log(rows);
    const data = { "text/html": table(rows, columns), "text/plain": asText(rows, columns) };
    display.show(data, { raw: true });
  };
}

function asText(rows, columns) {
  const chunks = [];
  const stdout = new Writable({
    write(chunk, _, done) {
      chunks.push(chunk);
      done();
    },
  });
  new console.Console({ stdout }).table(rows, columns);
  return Buffer.concat(chunks).toString().trimEnd();
}

module.exports = { install };
