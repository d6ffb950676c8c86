// A thread beside the one that runs cells. It answers questions about names at any time, also
// while a cell runs, and ends code that never comes back to its event loop.
"use strict";

const inspector = require("node:inspector");
const net = require("node:net");
const path = require("node:path");
const { parentPort, workerData } = require("node:worker_threads");

const { completeness } = require("./modules.js");
const types = require("./types.js");

const { folder, state, typescript } = workerData;
// Milliseconds that ^C has to end a cell by itself.
const PATIENCE = 50;

const session = new inspector.Session();
session.connectToMainThread();
// The other thread's part, as a remote object: a cell may give any name another meaning.
let agent;

const answers = {
  complete: (question, then) => ask("complete", question, then),
  inspect: (question, then) => ask("inspect", question, then),
  directive: (question, then) => ask("directive", question, then),
  is_complete: ({ code }, then) => then(completeness(code, typescript ? types.judged : undefined)),
  interrupt: ({ line }) => setTimeout(stop, PATIENCE, line),
};

const server = net.createServer((socket) => {
  let text = "";
  socket.setEncoding("utf8");
  socket.on("error", () => {});
  socket.on("data", (data) => {
    const lines = (text + data).split("\n");
    text = lines.pop();
    for (const line of lines) {
      const { id, op, ...question } = JSON.parse(line);
      answers[op](question, (answer) => socket.write(JSON.stringify({ id, answer }) + "\n"));
    }
  });
});
server.listen(path.join(folder, "control"), () => parentPort.postMessage("ready"));
// Before any cell. Not waited for: Node.js may leave it lying until the next message comes.
meet(() => {});

function meet(then) {
  const expression = 'globalThis[Symbol.for("mykernel.agent")]';
  session.post("Runtime.evaluate", { expression }, (_, { result }) => {
    agent ??= result.objectId;
    then();
  });
}

// Have the other thread answer; it does so even in the middle of a loop.
function ask(op, question, then) {
  call(op, JSON.stringify(question), (error, reply) => {
    then(error || reply.exceptionDetails ? null : reply.result.value);
  });
}

function call(op, value, then) {
  if (agent === undefined) return meet(() => call(op, value, then));
  const parameters = {
    objectId: agent,
    functionDeclaration: "function (op, value) { return this[op](value); }",
    arguments: [{ value: op }, { value }],
    returnByValue: true,
  };
  session.post("Runtime.callFunctionOn", parameters, then);
}

// The line still runs, so the thread is not at its event loop: end what it executes.
function stop(number) {
  const latest = Atomics.load(state, 0);
  if (latest === number) {
    session.post("Runtime.terminateExecution", () => call("interrupted", number));
  } else if (Math.abs(latest) < number) {
    // It was typed, and has yet to begin.
    setTimeout(stop, PATIENCE, number);
  }
}
