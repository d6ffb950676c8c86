// Declarations that V8's REPL mode refuses: `let` in place of a `const`, a function in place of a
// variable, a class in place of a function, and so on.
//
// V8 forgets no `const`, so to it each is a `let`; here it is known which are constant, and an
// assignment to one becomes one that throws. A name that is a property of the global object, as
// functions and `var` are, stays one, and the others stay none. Lines stay where they were.
"use strict";

// A cell may give these names another meaning.
const { Error, Function, Object, Set, TypeError, process } = globalThis;

const { boundBy, constantsAssigned, variables } = require("./scopes.js");

// An assignment to a name of such letters alone throws. It is as long as the constant's, so that
// columns in stack lines stay right.
const LETTER = "\ua56f";
const REFUSES = /^\ua56f+$/;
const DECLARES = /\b(?:const|let|var|class|function)\b/;
const ASSIGNS = /[^=!<>]=(?![=>])|[<>*]{2}=|\+\+|--|\bfor\b/;
const OPTIONS = {
  ecmaVersion: "latest",
  sourceType: "script",
  allowAwaitOutsideFunction: true,
  allowHashBang: true,
};

let acorn;

// The syntax tree by the parser that is part of Node.js; null where it does not parse.
function parsed(code) {
  try {
    acorn ??= parser();
    return acorn.parse(code, OPTIONS);
  } catch {
    return null;
  }
}

function parser() {
  const source = process.binding("natives")["internal/deps/acorn/acorn/dist/acorn"];
  const module = { exports: {} };
  new Function("module", "exports", source)(module, module.exports);
  return module.exports;
}

class Declarations {
  #constants = new Set();
  #lexicalNames;

  // lexicalNames: returns a set of the names that V8 knows as declared by let and class.
  constructor(lexicalNames) {
    this.#lexicalNames = lexicalNames;
  }

  // What is to be evaluated for the code, one after another.
  rewritten(code) {
    if (!DECLARES.test(code) && !(this.#constants.size && ASSIGNS.test(code))) return [code];
    const program = parsed(code);
    if (!program) return [code];
    const changed = new Changed(code, this.#lexicalNames(), this.#constants);
    for (const node of program.body) changed[node.type]?.(node);
    for (const [node, inFor] of variables(program)) changed.innerVariable(node, inFor);
    for (const target of constantsAssigned(program, this.#constants)) changed.assignment(target);
    return changed.sources();
  }
}

// The code of a cell, and what is to be put in the place of what.
class Changed {
  #code;
  #lexical;
  #constants;
  #edits = [];
  #functions = [];

  constructor(code, lexical, constants) {
    this.#code = code;
    this.#lexical = lexical;
    this.#constants = constants;
  }

  // First the functions that are now variables, since functions are there from the beginning.
  sources() {
    if (!this.#functions.length) return [this.#edited(0, this.#code.length)];
    let first = "";
    let at = 0;
    for (const { start, end, id } of this.#functions) {
      first += `${blank(this.#code.slice(at, start))}let ${id.name}=${this.#edited(start, end)};`;
      at = end;
    }
    const rest = this.#functions.map(({ start, end }) => [start, end, blank(this.#code.slice(start, end))]);
    this.#edits = this.#edits.filter(([at]) => !rest.some(([start, end]) => start <= at && at < end));
    this.#edits.push(...rest);
    return [first, this.#edited(0, this.#code.length)];
  }

  #edited(start, end) {
    let text = "";
    let at = start;
    const within = this.#edits.filter((edit) => start <= edit[0] && edit[1] <= end);
    for (const [from, to, put] of within.sort((a, b) => a[0] - b[0])) {
      text += this.#code.slice(at, from) + put;
      at = to;
    }
    return text + this.#code.slice(at, end);
  }

  VariableDeclaration(node) {
    const names = node.declarations.flatMap(({ id }) => boundBy(id));
    const { kind, start } = node;
    if (!["const", "let", "var"].includes(kind)) return;
    for (const name of names) this.#constants[kind === "const" ? "add" : "delete"](name);
    if (kind === "var") {
      if (!names.some((name) => this.#lexical.has(name))) return;
      // Without a value it keeps the one that it has.
      this.#give(node, (id) => (this.#lexical.has(id.name) ? `=${id.name}` : ""));
      this.#put(start, start + 3, "let");
    } else if (names.some((name) => this.#isFixed(name))) {
      this.#give(node, () => "=void 0");
      this.#put(start, start + kind.length, "var".padEnd(kind.length));
    } else {
      this.#put(start, start + kind.length, "let".padEnd(kind.length));
    }
  }

  ClassDeclaration({ id: { name }, start, end }) {
    this.#constants.delete(name);
    if (!this.#isFixed(name)) return;
    this.#put(start, start, `var ${name}=`);
    this.#put(end, end, ";");
  }

  FunctionDeclaration(node) {
    this.#constants.delete(node.id.name);
    if (this.#lexical.has(node.id.name)) this.#functions.push(node);
  }

  // A `var` in a block or loop becomes an assignment, where its names are there by `let`.
  innerVariable({ declarations, start, end }, inFor) {
    const names = declarations.flatMap(({ id }) => boundBy(id));
    for (const name of names) this.#constants.delete(name);
    if (!names.length || !names.every((name) => this.#lexical.has(name))) return;
    this.#put(start, start + 3, inFor ? "   " : "  (");
    const last = declarations.at(-1).end;
    if (!inFor) this.#put(last, last, ")");
  }

  // See `constantsAssigned`.
  assignment({ id: { name, start, end }, shorthand, short }) {
    const refused = refusing(end - start);
    if (!short) return this.#put(start, end, shorthand ? `${name}: ${refused}` : refused);
    // It assigns by what the value is.
    const at = this.#code.indexOf(short.operator, end);
    this.#put(at, at + 3, `${short.operator.slice(0, 2)}(${refused}=`);
    this.#put(short.end, short.end, ")");
  }

  #give({ declarations }, text) {
    for (const { id, init } of declarations) if (!init) this.#put(id.end, id.end, text(id));
  }

  #put(start, end, text) {
    this.#edits.push([start, end, text]);
  }

  // Whether it is a property of the global object that cannot be taken away.
  #isFixed(name) {
    if (this.#lexical.has(name)) return false;
    const property = Object.getOwnPropertyDescriptor(globalThis, name);
    return property !== undefined && !property.configurable && property.writable === true;
  }
}

function refusing(length) {
  const name = LETTER.repeat(length);
  if (!(name in globalThis)) Object.defineProperty(globalThis, name, { get() {}, set: refuse });
  return name;
}

function refuse() {
  const error = new TypeError("Assignment to constant variable.");
  Error.captureStackTrace(error, refuse);
  throw error;
}

function blank(text) {
  return text.replace(/[^\n\r\u2028\u2029]/g, " ");
}

module.exports = { Declarations, REFUSES };
