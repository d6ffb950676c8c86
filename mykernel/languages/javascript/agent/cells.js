// Runs cells in one live context, as the inspector's REPL mode does: `let` and `class` may be
// declared again, and `await` stands anywhere.
"use strict";

// A cell may give these names another meaning.
const { Atomics, JSON, Object, Set, String, process, setImmediate } = globalThis;

const fs = require("node:fs");
const inspector = require("node:inspector");
const path = require("node:path");
const util = require("node:util");

const { Declarations } = require("./declarations.js");
const told = require("./errors.js");
const input = require("./input.js");
const modules = require("./modules.js");
const types = require("./types.js");

class Cells {
  #folder;
  #terminal;
  #display;
  #state;
  #typescript;
  #session = new inspector.Session();
  #declarations = new Declarations(() => this.lexicalNames());
  // The remote object through which a value that was evaluated comes back as itself.
  #taker;
  #taken;
  // The line that runs: its number, its cell's name, and how process.exit was called.
  #running = null;

  // state: see main.js. typescript: whether cells are TypeScript.
  constructor({ folder, terminal, display, state, typescript }) {
    this.#folder = folder;
    this.#terminal = terminal;
    this.#display = display;
    this.#state = state;
    this.#typescript = typescript;
    this.#session.connect();
    globalThis.__mk_take = (value) => {
      this.#taken = value;
    };
    this.#post("Runtime.evaluate", { expression: "__mk_take" }, (_, reply) => {
      this.#taker = reply.result.objectId;
    });
    delete globalThis.__mk_take;
  }

  get running() {
    return this.#running !== null;
  }

  // The names that were declared by let, const and class.
  lexicalNames() {
    let names = [];
    this.#post("Runtime.globalLexicalScopeNames", {}, (_, reply) => {
      names = reply?.names ?? [];
    });
    return new Set(names);
  }

  // {value} of such a name; null for none, and for one that has no value yet.
  lexical(name) {
    if (!this.lexicalNames().has(name)) return null;
    let found = null;
    this.#post("Runtime.evaluate", { expression: name, throwOnSideEffect: true }, (_, reply) => {
      if (reply && !reply.exceptionDetails) found = { value: this.#value(reply.result) };
    });
    return found;
  }

  // Run the cell in the file of that name in the private folder. count: the cell's own number.
  run(number, name) {
    const line = this.#begin(number, name);
    const code = fs.readFileSync(path.join(this.#folder, name), "utf8");
    this.#terminal.mark("C", `i=${number}`, `i=${number}`);
    let sources;
    try {
      sources = this.#prepare(code, name);
    } catch (error) {
      this.#end(line, "error", told.failure(error));
      return;
    }
    this.#try(line, sources);
  }

  #try(line, [source, ...rest]) {
    this.#evaluate(`${source}\n//# sourceURL=${line.name}`, (error, details, value) => {
      // After an interrupt an awaited promise may settle while a later cell runs.
      if (line !== this.#running || line.ending) return;
      if (error) this.#stopped(line);
      else if (details) this.#end(line, "error", told.failure(value, details, line.name));
      else if (rest.length) this.#try(line, rest);
      else this.#shown(line, value);
    });
  }

  // Evaluate the expressions in a file, {"key": "code"}, and reply with what they come to.
  evaluate(number, name) {
    const line = this.#begin(number, name);
    const file = path.join(this.#folder, name);
    const left = Object.entries(JSON.parse(fs.readFileSync(file, "utf8")));
    const next = () => {
      if (line !== this.#running) return;
      if (!left.length) return this.#end(line, "ok", null);
      const [key, code] = left.shift();
      this.#evaluate(code, (error, details, value) => {
        if (error) return this.#stopped(line);
        const content = details
          ? { key, failure: told.failure(value, details, "") }
          : { key, text: util.inspect(value) };
        this.#terminal.mark("R", `c=${JSON.stringify(content)}`, null);
        next();
      });
    };
    next();
  }

  // Whether a later line than this one runs, and an interrupt of this one comes too late.
  isBehind(number) {
    return number > 0 && this.#running !== null && number < this.#running.number;
  }

  // ^C, or the worker's word that line `number` has been stopped. Safe to call at any time.
  interrupted(number) {
    const line = this.#running;
    if (line && (number === undefined || number === line.number)) this.#stopped(line);
    // ^C made the terminal forget what was typed, and perhaps what was not yet read.
    else if (!line && number === undefined) this.#terminal.prompt();
  }

  // process.exit was called: end the cell that runs, and go on with what it has made.
  exit(status) {
    const line = this.#running;
    if (line) line.exit = status;
    else process.stderr.write(`process.exit(${status}) ended this callback; the state lives on\n`);
    setImmediate(() => {
      if (line) this.#stopped(line);
    });
    this.#post("Runtime.terminateExecution", {}, () => {});
    // Here the execution is terminated.
    for (;;);
  }

  #begin(number, name) {
    this.#running = { number, name, exit: null };
    input.wake();
    Atomics.store(this.#state, 0, number);
    return this.#running;
  }

  #prepare(code, name) {
    const whole = modules.asExpression(code);
    const plain = this.#typescript ? types.stripped(whole, name) : whole;
    const sources = this.#declarations.rewritten(modules.rewritten(plain));
    told.remember(name, code);
    return sources;
  }

  // then: called with an error when the execution was terminated, or with what was thrown
  // (and details about that), or with the value.
  #evaluate(expression, then) {
    const options = { expression, replMode: true, awaitPromise: true, objectGroup: "cell" };
    this.#post("Runtime.evaluate", options, (error, reply) => {
      if (error) return then(error);
      const details = reply.exceptionDetails;
      const value = this.#value(details?.exception ?? reply.result);
      this.#post("Runtime.releaseObjectGroup", { objectGroup: "cell" }, () => {});
      then(null, details, value);
    });
  }

  #value(remote) {
    const { objectId, unserializableValue, value } = remote;
    const argument = objectId
      ? { objectId }
      : unserializableValue
        ? { unserializableValue }
        : { value };
    const call = {
      objectId: this.#taker,
      functionDeclaration: "function (value) { this(value); }",
      arguments: [argument],
      silent: true,
    };
    if (remote.type === "undefined") return undefined;
    this.#post("Runtime.callFunctionOn", call, () => {});
    const taken = this.#taken;
    this.#taken = undefined;
    return taken;
  }

  #post(method, parameters, then) {
    this.#session.post(method, parameters, then);
  }

  async #shown(line, value) {
    try {
      if (value !== undefined) await this.#display.result(value);
      await this.#display.settled();
    } catch (error) {
      this.#end(line, "error", told.failure(error));
      return;
    }
    this.#end(line, "ok", null);
  }

  #stopped(line) {
    if (line.exit === null) this.#end(line, "interrupted", null);
    else this.#end(line, "exit", { ename: "ExitStatus", evalue: String(line.exit), traceback: [] });
  }

  #end(line, status, failure) {
    if (line !== this.#running || line.ending) return;
    line.ending = true;
    // Rejections that nobody handles are told before: they belong to this cell.
    setImmediate(() => {
      if (line !== this.#running) return;
      this.#running = null;
      if (status === "interrupted") input.drop();
      else input.rest();
      Atomics.store(this.#state, 0, -line.number);
      this.#terminal.end(line.number, status, failure);
    });
  }
}

module.exports = { Cells };
