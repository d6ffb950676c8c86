// Modules as cells use them: `import` and `require` look where the notebook's folder says.
//
// The inspector's REPL mode runs scripts, which know no import statement and, without a module
// behind them, no import() either. V8 itself says where they stand: it is given the code, and
// where it stops at one, that one is rewritten, and so on. Nothing here reads JavaScript.
"use strict";

// A cell may give these names another meaning.
const { JSON, RegExp, String, SyntaxError, process } = globalThis;

const inspector = require("node:inspector");
const Module = require("node:module");
const path = require("node:path");

// What import() becomes: as long, so that columns in stack lines stay right.
const LOAD = "$$load";
// A token that JavaScript has nowhere but in strings, comments, templates and regular expressions.
const NOWHERE = "@#@#@#";
// What may be called, and is no name.
const EXPRESSION = "(null)";
const MENTIONED = /\b(?:import|export)\b/;
const NAME = String.raw`[\p{ID_Start}$_][\p{ID_Continue}$\u200c\u200d]*`;
const STRING = String.raw`"(?:[^"\\\n]|\\.)*"|'(?:[^'\\\n]|\\.)*'`;
const STATEMENT = new RegExp(
  String.raw`import\s*(?:(?<clause>(?:${NAME}|\{[^}]*\}|\*\s*as\s+${NAME}|\s|,)+?)\s*from\s*)?` +
    String.raw`(?<from>${STRING})(?:\s*(?:with|assert)\s*(?<attributes>\{[^}]*\}))?`,
  "uy",
);
const CLAUSE = new RegExp(
  String.raw`^(?<whole>${NAME})?\s*,?\s*(?:\*\s*as\s+(?<all>${NAME})|\{(?<names>[^}]*)\})?$`,
  "u",
);
// How V8 speaks of what may still be finished, and what it stops at the beginning of.
const OPEN = [/^SyntaxError: Unterminated template/, /^SyntaxError: Missing catch or finally/];
const UNFINISHED = /^(?:import\b[^"']*|\/\*(?:[^*]|\*(?!\/))*)$/;
const EXPORTED = /export(?:\s+default\b|(?=\s+(?:const|let|var|function|class|async)\b))/uy;
const EXPORT_LIST = new RegExp(String.raw`export\s*(?:\*|\{[^}]*\})(?:\s*from\s*(?:${STRING}))?`, "uy");

const LITERAL = /^\s*\{/;

const home = process.cwd();
const notebook = new Module(path.join(home, "[notebook]"));
notebook.filename = path.join(home, "[notebook].js");
notebook.paths = Module._nodeModulePaths(home);
notebook._compile("module.exports = (from, options) => import(from, options);", notebook.filename);
const load = notebook.exports;

// Load a module as the notebook would. names: what it has to export.
async function loaded(from, options, names = []) {
  const found = await load(from, options);
  for (const name of names) {
    if (!(name in found)) {
      throw new SyntaxError(
        `The requested module '${from}' does not provide an export named '${name}'`,
      );
    }
  }
  return found;
}

// The code with its imports as calls, on the same lines; as it is where it cannot be parsed.
function rewritten(code) {
  if (!MENTIONED.test(code)) return code;
  return withCompiler((compiler) => dynamic(statements(code, compiler), compiler));
}

// The code, in parentheses where it is an object literal, which would be a block: as at Node's own prompt.
function asExpression(code) {
  if (!LITERAL.test(code)) return code;
  const object = `(${code}\n)`;
  return withCompiler((compiler) => (compiler.fault(object) ? code : object));
}

// Whether the code is a whole cell: "complete", "incomplete" or "invalid". judge: says so of code in
// which what begins like an object may be a block alone.
function completeness(code, judge = judged) {
  const found = judge(asExpression(code));
  // What is no block may become an object: {"key": 1
  return found === "invalid" && LITERAL.test(code) ? judge(`(${code}`) : found;
}

function judged(code) {
  return withCompiler((compiler) => {
    const plain = MENTIONED.test(code) ? statements(code, compiler) : code;
    if (!compiler.fault(plain)) return "complete";
    const fault = compiler.fault(plain, false);
    if (!fault) return "invalid";
    const rest = plain.slice(fault.at);
    const open = OPEN.some((pattern) => pattern.test(fault.message));
    return open || !rest.trim() || UNFINISHED.test(rest) ? "incomplete" : "invalid";
  });
}

function withCompiler(work) {
  const compiler = new Compiler();
  try {
    return work(compiler);
  } finally {
    compiler.close();
  }
}

function statements(code, compiler) {
  for (;;) {
    const fault = compiler.fault(code);
    const changed = fault && changedAt(code, fault.at);
    if (!changed) return code;
    code = changed;
  }
}

function changedAt(code, at) {
  for (const [pattern, replacement] of [
    [STATEMENT, required],
    [EXPORTED, (found) => found[0].replace(/\S/g, " ")],
    [EXPORT_LIST, (found) => found[0].replace(/\S/g, " ")],
  ]) {
    pattern.lastIndex = at;
    const found = pattern.exec(code);
    if (found) {
      const text = replacement(found);
      // Lines stay as many as they were.
      const lines = found[0].split("\n").length - text.split("\n").length;
      return code.slice(0, at) + text + "\n".repeat(lines) + code.slice(at + found[0].length);
    }
  }
  const meta = /import\s*\.\s*meta/uy;
  const start = (meta.lastIndex = code.lastIndexOf("import", at));
  return meta.test(code) ? code.slice(0, start) + "$$meta" + code.slice(meta.lastIndex) : null;
}

function required({ groups: { clause, from, attributes } }) {
  const options = attributes ? `{with: ${attributes}}` : "undefined";
  if (clause === undefined) return `await ${LOAD}(${from}, ${options});`;
  const { whole, all, names } = CLAUSE.exec(clause.trim()).groups;
  const wanted = (names ?? "").split(",").map((name) => name.trim().split(/\s+as\s+/)).filter(([name]) => name);
  if (whole) wanted.unshift(["default", whole]);
  const keys = JSON.stringify(wanted.map(([name]) => name.replace(/^["']|["']$/g, "")));
  const call = `await ${LOAD}(${from}, ${options}, ${keys})`;
  const parts = wanted.map(([name, as]) => (as ? `${name}: ${as}` : name)).join(", ");
  if (!all) return `const {${parts}} = ${call};`;
  return `const ${all} = ${call}${whole ? `, {${parts}} = ${all}` : ""};`;
}

function dynamic(code, compiler) {
  const mentioned = /\bimport(?=\s*\()/g;
  for (let found; (found = mentioned.exec(code)); ) {
    const { index } = found;
    const put = (text) => code.slice(0, index) + text + code.slice(index + LOAD.length);
    const stops = (text) => {
      const at = compiler.fault(put(text))?.at ?? -1;
      return index <= at && at <= index + text.length;
    };
    // Where it is code, the parser stops right there; where it is a name, at an expression, too.
    if (stops(NOWHERE) && !stops(EXPRESSION)) code = put(LOAD);
  }
  return code;
}

// Finds the first fault that V8 sees in code, which may hold `await`. It runs nothing.
class Compiler {
  #session = new inspector.Session();

  constructor() {
    this.#session.connect();
    this.#session.post("Runtime.enable");
  }

  close() {
    this.#session.disconnect();
  }

  // {message, at: UTF-16 units from 0}, null for none. closed: whether code is all there is.
  fault(code, closed = true) {
    let details;
    const expression = `async()=>{\n${code}\n${closed ? "}" : ""}`;
    const options = { expression, sourceURL: "", persistScript: false };
    this.#session.post("Runtime.compileScript", options, (_, reply) => {
      details = reply?.exceptionDetails;
    });
    if (!details) return null;
    const starts = [0];
    for (const end of code.matchAll(/\r\n|[\n\r\u2028\u2029]/g)) starts.push(end.index + end[0].length);
    const line = details.lineNumber - 1;
    const at = line < starts.length ? starts[line] + details.columnNumber : code.length;
    return { message: details.exception?.description ?? details.text, at };
  }
}

const require_ = Module.createRequire(path.join(home, "[notebook].js"));

module.exports = { LOAD, asExpression, completeness, home, judged, loaded, require: require_, rewritten };
