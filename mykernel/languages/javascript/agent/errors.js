// How an error is told: with the lines of the cell. Stacks have no frames of ours, wherever they are shown.
"use strict";

// A cell may give these names another meaning.
const { Error, Map, Math, Number, String, process } = globalThis;

const util = require("node:util");

const RED = "\x1b[31m\x1b[1m";
const GREEN = "\x1b[32m";
const OFF = "\x1b[0m";
// Lines shown before and after the one that failed, and UTF-16 units of each.
const AROUND = 2;
const WIDEST = 160;
// Cells whose lines can be shown, the latest.
const MOST = 1000;
const FRAME = /^\s*at /;
// Files whose frames are not the user's.
const OURS = ["node:internal/modules/", "node:internal/process/task_queues", __dirname];
const IN_CELL = /\b(In\[\d+\]):(\d+):(\d+)\)?$/;

const sources = new Map();
Error.prepareStackTrace = stack;

// Keep the code of a cell, for messages that point into it.
function remember(name, code) {
  sources.delete(name);
  sources.set(name, code);
  if (sources.size > MOST) sources.delete(sources.keys().next().value);
}

// Where a piece of source was declared: its cell, its line from 1, and the comment above it.
function declaration(source) {
  for (const [name, code] of [...sources].reverse()) {
    const at = code.indexOf(source);
    if (at < 0) continue;
    const before = code.slice(0, at);
    const comment = /\/\*\*((?:[^*]|\*(?!\/))*)\*\/[^;{}]*$/.exec(before);
    return { name, line: before.split("\n").length, comment: comment ? bare(comment[1]) : [] };
  }
  return null;
}

function bare(comment) {
  return comment.trim().split("\n").map((line) => line.replace(/^\s*\* ?/, "").trimEnd());
}

// What Jupyter wants to know of what was thrown. details: the inspector's, where there are any.
function failure(thrown, details, name) {
  const is = thrown instanceof Error || util.types.isNativeError(thrown);
  const ename = is ? String(thrown.name ?? "Error") : "Uncaught";
  const evalue = is ? String(thrown.message ?? "") : inspected(thrown, false);
  const where = is && ename === "SyntaxError" && details && !cellFrame(thrown)
    ? { name, line: details.lineNumber + 1, column: details.columnNumber + 1 }
    : is ? cellFrame(thrown) : details && { name, line: details.lineNumber + 1 };
  const text = describe(thrown);
  const first = is && text.startsWith(ename) ? text.slice(ename.length) : `: ${text}`;
  return { ename, evalue, traceback: [...`${RED}${ename}${OFF}${first}`.split("\n"), ...excerpt(where)] };
}

// The text of something thrown, as Node shows it.
function describe(thrown) {
  return inspected(thrown, process.stderr.isTTY);
}

function inspected(value, colors) {
  try {
    return util.inspect(value, { colors });
  } catch {
    return "an object that cannot be shown";
  }
}

// The calls of a cell's own code, as V8 writes them: what Node shows of a stack, and what `stack` says.
function stack(error, frames) {
  const begin = frames.findIndex((frame) => source(frame) === "node:inspector");
  const own = (begin < 0 ? frames : frames.slice(0, begin)).filter(
    (frame) => !OURS.some((part) => source(frame).startsWith(part)),
  );
  return [headline(error), ...own.map((frame) => `    at ${frame}`)].join("\n");
}

function source(frame) {
  return frame.getFileName() ?? "";
}

function headline(error) {
  try {
    const text = Error.prototype.toString.call(error);
    const { code, name } = error;
    // As Node tells its own.
    const known = typeof code === "string" && code.startsWith("ERR_") && text.startsWith(name);
    return known ? `${name} [${code}]${text.slice(name.length)}` : text;
  } catch {
    return "<error>";
  }
}

function cellFrame(error) {
  let stack;
  try {
    stack = String(error.stack);
  } catch {
    return null;
  }
  for (const line of stack.split("\n")) {
    const found = FRAME.test(line) && IN_CELL.exec(line);
    if (found) return { name: found[1], line: Number(found[2]), column: Number(found[3]) };
  }
  return null;
}

// The lines around a place in a cell, the place marked. Lines and columns count from 1.
function excerpt(where) {
  const code = where && sources.get(where.name);
  if (code === undefined || code === null) return [];
  const lines = code.split("\n");
  if (where.line < 1 || where.line > lines.length) return [];
  const first = Math.max(1, where.line - AROUND);
  const last = Math.min(lines.length, where.line + AROUND);
  const width = String(last).length;
  const shown = [`${GREEN}${where.name}, line ${where.line}${OFF}`];
  for (let number = first; number <= last; number++) {
    const text = lines[number - 1];
    const short = text.length > WIDEST ? text.slice(0, WIDEST) + "..." : text;
    const label = String(number).padStart(width);
    if (number !== where.line) shown.push(`      ${label} ${short}`);
    else {
      shown.push(`${GREEN}----> ${label}${OFF} ${short}`);
      if (where.column && where.column <= WIDEST) {
        const before = text.slice(0, where.column - 1).replace(/[^\t]/g, " ");
        shown.push(`      ${" ".repeat(width)} ${before}${RED}^${OFF}`);
      }
    }
  }
  return shown;
}

module.exports = { declaration, describe, failure, remember };
