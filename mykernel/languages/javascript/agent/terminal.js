// The terminal from inside: lines come in, marks go out.
"use strict";

// A cell may give these names another meaning.
const { Buffer, JSON, Number } = globalThis;

const fs = require("node:fs");
const tty = require("node:tty");

// What the driver types: the line's number, what to do, a file's name, a cell's number.
const LINE = /^(\d+) (cell|values) (\S+) (\d+)$/;

class Terminal {
  #nonce;
  #out;
  #error;
  #lines;
  #text = "";
  // The latest line, and the payload of its D mark.
  #last = 0;
  #ended = "i=0";
  #messages = 0;

  // merged: whether stderr has no terminal of its own. run: takes a line's fields.
  constructor(nonce, merged, run) {
    this.#nonce = nonce;
    // By descriptors of our own: a cell may close or redirect any other.
    this.#out = fs.openSync("/dev/tty", "w");
    this.#error = merged ? null : fs.openSync("/dev/fd/2", "w");
    this.#lines = new tty.ReadStream(fs.openSync("/dev/tty", "r"));
    this.#lines.setEncoding("utf8");
    this.#lines.on("data", (text) => this.#take(text, run));
    this.#lines.pause();
  }

  // Ready for the next line. What ended the latest one is said again.
  prompt() {
    this.mark("D", this.#ended, `i=${this.#last}`);
    this.#lines.resume();
  }

  // The line has ended. failure: ename, evalue and traceback, or null.
  end(number, status, failure) {
    const said = failure ? JSON.stringify(failure) : "";
    this.#ended = `i=${number};s=${status};e=${said}`;
    this.prompt();
  }

  // A message for the front end, which keeps its place among the text (docs/display-protocol.md).
  message(kind, content) {
    const text = JSON.stringify(content).replaceAll("\x7f", "\\u007f");
    this.mark("J", `i=${++this.#messages};t=${kind};text=${text}`, null);
  }

  // JSON and the like hold no BEL and no ESC, since JSON escapes them.
  mark(kind, out, error) {
    write(this.#out, `\x1b]133;${kind};k=${this.#nonce};${out}\x07`);
    if (this.#error !== null && error !== null) {
      write(this.#error, `\x1b]133;${kind};k=${this.#nonce};${error}\x07`);
    }
  }

  #take(text, run) {
    this.#text += text;
    if (!this.#text.endsWith("\n")) return;
    const line = LINE.exec(this.#text.slice(0, -1));
    this.#text = "";
    const number = line ? Number(line[1]) : 0;
    // Left over from a cell's input, or typed a second time: the driver types again if need be.
    if (number <= this.#last) return this.prompt();
    this.#lines.pause();
    this.#last = number;
    this.#ended = `i=${number};s=interrupted;e=`;
    run(number, line[2], line[3], Number(line[4]));
  }
}

function write(fd, text) {
  let rest = Buffer.from(text);
  while (rest.length) rest = rest.subarray(fs.writeSync(fd, rest));
}

module.exports = { Terminal };
