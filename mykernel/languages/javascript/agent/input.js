// Input from the terminal: prompt() and its like, and process.stdin.
"use strict";

// A cell may give these names another meaning.
const { Buffer, String, process } = globalThis;

const fs = require("node:fs");
const tty = require("node:tty");

// What the user types, or null at end-of-file. Blocks all else, as in a browser.
function prompt(message = "", preset) {
  const tail = preset === undefined ? "" : ` [${preset}]`;
  process.stdout.write(`${message}${tail}${message || tail ? " " : ""}`);
  const text = line();
  return text === "" && preset !== undefined ? String(preset) : text;
}

function confirm(message = "") {
  process.stdout.write(`${message} [y/N] `);
  return /^y(es)?$/i.test(line() ?? "");
}

function alert(message = "") {
  process.stdout.write(`${message} [Enter] `);
  line();
}

// The kernel sees that the process waits for the terminal, and asks the front end.
function line() {
  const bytes = [];
  const byte = Buffer.alloc(1);
  while (fs.readSync(0, byte) === 1) {
    if (byte[0] === 10) return Buffer.from(bytes).toString();
    bytes.push(byte[0]);
  }
  return bytes.length ? Buffer.from(bytes).toString() : null;
}

let stream = null;
let announce = () => {};
let wakings = 0;
// Whether a cell runs, and whether somebody wants to read process.stdin.
let awake = false;
let wanted = false;

// Returns what process.stdin is from now on: a getter.
//
// Node's own makes descriptor 0 non-blocking, with which prompt() and the like would fail.
// A process that waits in its event loop is not seen to wait for a person: this one says so.
function install(terminal) {
  announce = (waits) => {
    const mode = !waits ? "" : stream.isRaw ? "editor" : "line";
    terminal.mark("W", `m=${mode};e=1;p=${process.pid};t=${++wakings}`, null);
  };
  // Who waits for something else is not taken to wait for a person.
  announce(false);
  return () => {
    if (!stream || stream.destroyed || stream.readableEnded) stream = opened();
    return stream;
  };
}

function opened() {
  const stdin = new tty.ReadStream(fs.openSync("/dev/tty", "r"), { highWaterMark: 0 });
  const { readStart, readStop } = stdin._handle;
  stdin._handle.readStart = function () {
    // Between cells the terminal is for the driver's lines.
    wanted = true;
    if (!awake) return 0;
    announce(true);
    return readStart.call(this);
  };
  stdin._handle.readStop = function () {
    wanted = false;
    if (awake) announce(false);
    return readStop.call(this);
  };
  // It goes on reading behind what has come.
  stdin.push = function (...data) {
    const more = tty.ReadStream.prototype.push.apply(this, data);
    if (data[0] !== null && this._handle?.reading) announce(true);
    return more;
  };
  stdin.setRawMode = function (raw) {
    tty.ReadStream.prototype.setRawMode.call(this, raw);
    if (this._handle?.reading) announce(true);
    return this;
  };
  // As Node's own: it reads when somebody wants it to, and not when it is paused.
  stdin.on("pause", () => {
    if (!stdin._handle?.reading) return;
    stdin._readableState.reading = false;
    stdin._handle.reading = false;
    stdin._handle.readStop();
  });
  stdin._handle.reading = false;
  readStop.call(stdin._handle);
  stdin.readableFlowing = null;
  stdin.fd = 0;
  return stdin;
}

// The cell has ended: nothing of the user's reads any more.
function rest() {
  const reading = wanted;
  if (reading) stream?._handle?.readStop();
  awake = false;
  wanted = reading;
}

// A cell begins: what was being read is read on; what was left paused is not.
function wake() {
  awake = true;
  if (stream?.readableFlowing === false) {
    stream.destroy();
    stream = null;
  } else if (wanted) {
    stream?._handle?.readStart();
  }
}

// Who reads was interrupted: the next to ask for process.stdin gets a new one.
function drop() {
  rest();
  if (stream?.isRaw) stream.setRawMode(false);
  stream = null;
  wanted = false;
}

module.exports = { alert, confirm, drop, install, prompt, rest, wake };
