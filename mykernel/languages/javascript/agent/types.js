// TypeScript: types are taken out, by Node itself where it can, else by the typescript package
// of the notebook's folder. Nothing is checked here.
"use strict";

// A cell may give these names another meaning.
const { Error, String, SyntaxError, process } = globalThis;

const Module = require("node:module");

const modules = require("./modules.js");

const MISSING =
  "this Node.js cannot take the types out of TypeScript: use Node.js 22.13 or later, " +
  "or run `npm install typescript` in the notebook's folder";
const OPEN = /(?:got '|token `)<eof>|Unexpected eof|end of input|Unterminated (?:template|block comment)/i;
const OPTIONS = {
  isolatedModules: true,
  // Imports stay though this cell does not use them: the next one may.
  verbatimModuleSyntax: true,
  preserveValueImports: true,
  experimentalDecorators: false,
};

let found;

// The typescript package, undefined where there is none. Looked for until it is found.
function compiler() {
  try {
    found ??= Module.createRequire(`${modules.home}/[notebook].js`)("typescript");
  } catch (error) {
    if (error.code !== "MODULE_NOT_FOUND") throw error;
  }
  // From version 7 on it is a program of its own, and no module that makes JavaScript.
  return found?.transpileModule && found;
}

// JavaScript of the cell. Raises SyntaxError, and Error where nothing here knows TypeScript.
function stripped(code, name) {
  if (typeof Module.stripTypeScriptTypes === "function") {
    try {
      return quietly(() => Module.stripTypeScriptTypes(code, { mode: "strip" }));
    } catch (error) {
      // Enumerations and the like stand for code, which has to be made.
      if (error.code !== "ERR_UNSUPPORTED_TYPESCRIPT_SYNTAX") throw plain(error);
    }
  }
  const ts = compiler();
  if (ts) return transpiled(ts, code, name);
  if (typeof Module.stripTypeScriptTypes !== "function") throw new Error(MISSING);
  return quietly(() => Module.stripTypeScriptTypes(code, { mode: "transform" }));
}

function transpiled(ts, code, name) {
  const options = { ...OPTIONS, target: ts.ScriptTarget.ESNext, module: ts.ModuleKind.ESNext };
  const made = ts.transpileModule(code, {
    compilerOptions: options,
    fileName: "cell.ts",
    reportDiagnostics: true,
  });
  const [fault] = made.diagnostics.filter((each) => each.category === ts.DiagnosticCategory.Error && each.file);
  if (fault) throw syntaxError(ts, fault, name);
  return made.outputText;
}

function syntaxError(ts, { messageText, start, file }, name) {
  const { line, character } = file.getLineAndCharacterOfPosition(start);
  const error = new SyntaxError(ts.flattenDiagnosticMessageText(messageText, "\n"));
  error.stack = `${error}\n    at ${name}:${line + 1}:${character + 1}`;
  return error;
}

// "complete", "incomplete", "invalid" or "unknown", for `modules.completeness`.
function judged(code) {
  try {
    return modules.judged(stripped(code, "In[0]"));
  } catch (error) {
    if (error.message === MISSING) return "unknown";
    const ts = compiler();
    if (ts) return byPosition(ts, code);
    return isOpen(error, code) ? "incomplete" : "invalid";
  }
}

// Whether code may go on behind its end. Node does not tell the place of a fault.
function isOpen({ message }, code) {
  if (OPEN.test(message)) return true;
  if (message !== "Expression expected") return false;
  try {
    stripped(`${code}\n0`, "In[0]");
    return true;
  } catch (error) {
    return OPEN.test(error.message);
  }
}

function byPosition(ts, code) {
  const { diagnostics } = ts.transpileModule(code, { fileName: "cell.ts", reportDiagnostics: true });
  const [first] = diagnostics;
  return first && first.start >= code.trimEnd().length ? "incomplete" : "invalid";
}

function plain(error) {
  const made = new SyntaxError(error.message);
  made.stack = String(made);
  return made;
}

// Without the warning that the feature is experimental.
function quietly(work) {
  const { emitWarning } = process;
  process.emitWarning = () => {};
  try {
    return work();
  } finally {
    process.emitWarning = emitWarning;
  }
}

module.exports = { judged, stripped };
