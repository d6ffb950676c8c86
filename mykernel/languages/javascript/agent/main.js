// The part of mykernel that lives in Node.js: it takes lines from the terminal, runs the cells
// that they name, and writes marks (see mykernel/markers.py) between what cells write.
//
// While a cell runs nothing of ours reads the terminal, so that the cell may. A worker thread
// (control.js) answers what is asked meanwhile, and ends code that never comes back.
"use strict";

// A cell may give these names another meaning.
const { Int32Array, JSON, Object, SharedArrayBuffer, Symbol, process } = globalThis;

// The user sees none of this.
const { MYKERNEL_DIR: folder, MYKERNEL_NONCE: nonce } = process.env;
const typescript = process.env.MYKERNEL_TYPESCRIPT === "1";
const merged = process.env.MYKERNEL_MERGED === "1";
for (const name of Object.keys(process.env)) {
  if (name.startsWith("MYKERNEL_")) delete process.env[name];
}
process.argv.splice(1);

const fs = require("node:fs");
const path = require("node:path");
const { Worker } = require("node:worker_threads");

const { Terminal } = require("./terminal.js");
const { Cells } = require("./cells.js");
const { Display } = require("./display.js");
const directives = require("./directives.js");
const names = require("./names.js");
const input = require("./input.js");
const globals = require("./globals.js");
const told = require("./errors.js");

const terminal = new Terminal(nonce, merged, run);
const display = new Display((kind, content) => terminal.message(kind, content));
// Shared with the worker: [0] is the number of the line that runs, negative when it has ended.
const state = new Int32Array(new SharedArrayBuffer(4));
const cells = new Cells({ folder, terminal, display, state, typescript });

globals.install({ cells, display, stdin: input.install(terminal) });

Object.defineProperty(globalThis, Symbol.for("mykernel.agent"), {
  value: Object.freeze({
    complete: (question) => names.complete(JSON.parse(question), cells),
    inspect: (question) => names.inspect(JSON.parse(question), cells),
    directive: (question) => directives.answer(JSON.parse(question), cells),
    interrupted: (number) => cells.interrupted(number),
  }),
});

directives.ready();

// While it lives the event loop goes on, for the next line and for what a cell waits for.
const worker = new Worker(path.join(__dirname, "control.js"), {
  workerData: { folder, state, typescript },
  stdin: false,
});
worker.once("message", () => terminal.prompt());

// Line number: run the file of that name, which holds a cell or expressions to evaluate.
function run(number, kind, name, count) {
  if (kind === "cell") cells.run(number, name, count);
  else cells.evaluate(number, name);
}

function interrupt() {
  if (!cells.isBehind(meant())) cells.interrupted();
}

// The line that the kernel has interrupted last, and 0 when it has not. One that does not end in time is
// interrupted again, and on a busy machine that may arrive when the next line runs.
function meant() {
  try {
    return Number(fs.readFileSync(path.join(folder, "interrupted"), "ascii"));
  } catch {
    return 0;
  }
}

function tell(event, what, error) {
  // A cell that listens itself tells it, or does not.
  if (process.listenerCount(event) === 1) process.stderr.write(`${what} ${told.describe(error)}\n`);
}

// Without these the process would end.
const listeners = {
  SIGINT: interrupt,
  uncaughtException: (error) => tell("uncaughtException", "Uncaught", error),
  unhandledRejection: (error) => tell("unhandledRejection", "Uncaught (in promise)", error),
};
for (const [event, listener] of Object.entries(listeners)) process.on(event, listener);
process.on("removeListener", (event, listener) => {
  if (listeners[event] === listener) process.on(event, listener);
});
