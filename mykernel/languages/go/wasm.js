// Runs a Go program in the output of its cell. What the program calls the global object is the page's,
// but for what two programs on one page must not share: standard streams, files, and the element.
(config, load) => {
  const host = document.currentScript?.parentElement ?? document.getElementById(config.id);
  const [element, log, note] = host.children;
  const own = { mykernelOutput: element, fs: files(), process: undefined, path: undefined, Go: undefined };
  const scope = new Proxy(own, {
    get(_, name) {
      if (Object.hasOwn(own, name)) return own[name];
      const value = globalThis[name];
      // Such as setTimeout, which wants the page's own global object; a class has a prototype.
      return typeof value === "function" && !value.prototype ? value.bind(globalThis) : value;
    },
    set(_, name, value) {
      (Object.hasOwn(own, name) ? own : globalThis)[name] = value;
      return true;
    },
    has: (_, name) => Object.hasOwn(own, name) || name in globalThis,
    deleteProperty: (_, name) => delete globalThis[name],
  });

  // Characters that are shown; a program that writes on and on would take the page down with it.
  let room = 1_000_000;
  let last;
  const write = (stream, text) => {
    if (room <= 0 || !text) return;
    if (text.length >= room) text = text.slice(0, room) + "\n[what follows is not shown]\n";
    room -= text.length;
    if (last?.stream !== stream) {
      const part = log.appendChild(document.createElement("span"));
      if (stream === "stderr") part.style.color = "#b00";
      last = { stream, node: part.appendChild(document.createTextNode("")) };
    }
    last.node.appendData(text);
  };
  const named = (text) => text.replace(/\b(cell\d+):(?=\d)/g, (found, cell) =>
    Object.hasOwn(config.cells, cell) ? `${config.cells[cell]}:` : found);
  // The runtime writes a panic word by word, and the name of a cell is to be seen as a whole.
  let held = "";
  const flush = () => {
    write("stderr", named(held));
    held = "";
  };
  const writeError = (text) => {
    if (!held) setTimeout(flush);
    held += text;
  };
  const decoders = { 1: new TextDecoder(), 2: new TextDecoder() };
  const bytes = (base64) => Uint8Array.from(atob(base64), (character) => character.charCodeAt(0));

  // Of Node's fs, what Go calls of it; all that is not here it finds to be missing.
  function files() {
    const open = new Map();
    const failed = (code) => Object.assign(new Error(code), { code });
    const known = {
      constants: new Proxy({}, { get: () => -1 }),
      writeSync(fd, buffer) {
        const text = decoders[fd].decode(buffer, { stream: true });
        if (fd === 2) {
          writeError(text);
        } else {
          flush();
          write("stdout", text);
        }
        return buffer.length;
      },
      write(fd, buffer, _offset, _length, _position, callback) {
        callback(null, known.writeSync(fd, buffer));
      },
      open(path, _flags, _mode, callback) {
        if (!Object.hasOwn(config.files, path)) return callback(failed("ENOENT"));
        const fd = 100 + open.size;
        open.set(fd, { data: bytes(config.files[path]), at: 0 });
        callback(null, fd);
      },
      read(fd, buffer, offset, length, position, callback) {
        const file = open.get(fd) ?? { data: new Uint8Array(), at: 0 }; // stdin is at its end
        const from = position ?? file.at;
        const part = file.data.subarray(from, from + length);
        buffer.set(part, offset);
        if (position === null) file.at += part.length;
        callback(null, part.length);
      },
      fstat(fd, callback) {
        const zeros = ["dev", "ino", "nlink", "uid", "gid", "rdev", "blksize", "blocks", "atimeMs", "mtimeMs", "ctimeMs"];
        const status = Object.fromEntries(zeros.map((name) => [name, 0]));
        const size = open.get(fd)?.data.length ?? 0;
        const mode = open.has(fd) ? 0o100400 : 0o020600; // a file, or a terminal
        callback(null, { ...status, size, mode, isDirectory: () => false });
      },
      close: (_fd, callback) => callback(null),
      fsync: (_fd, callback) => callback(null),
    };
    return new Proxy(known, {
      get: (_, name) => known[name] ?? ((...given) => given.at(-1)(failed("ENOSYS"))),
    });
  }

  load(scope, own.fs);
  const run = async () => {
    const packed = new Blob([bytes(config.program)]).stream();
    const program = new Response(packed.pipeThrough(new DecompressionStream("gzip")));
    const go = new own.Go();
    let status = 0;
    go.argv = config.argv;
    go.env = config.env;
    go.exit = (code) => { status = code; };
    const { instance } = await WebAssembly.instantiate(await program.arrayBuffer(), go.importObject);
    await go.run(instance);
    flush();
    host.dataset.status = status;
    if (status) note.textContent = `exit status ${status}; ${note.textContent}`;
  };
  run().catch((error) => writeError(`mykernel: the program could not run here: ${error}\n`));
}
