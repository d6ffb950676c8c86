// What stands at the cursor, by the text before it. Nothing is evaluated.
"use strict";

// A cell may give these names another meaning.
const { RegExp, String } = globalThis;

const IDENTIFIER = String.raw`[\p{ID_Start}$_][\p{ID_Continue}$\u200c\u200d]*`;
const STRING = String.raw`"(?:[^"\\\n]|\\.)*"|'(?:[^'\\\n]|\\.)*'`;
// a.b?.c["d"][0], with a name or a literal at its beginning.
const CHAIN = String.raw`(?<![\p{ID_Continue}$)\].])(?:${IDENTIFIER}|${STRING}|\[\])(?:\s*\??\.\s*#?${IDENTIFIER}|\[(?:\d+|${STRING})\])*`;
const MODULE =
  /(?:\brequire(?:\.resolve)?\s*\(\s*|\bimport\s*\(\s*|\bfrom\s*|\bimport\s+)(["'`])([^"'`\n]*)$/;
const MEMBER = new RegExp(String.raw`(${CHAIN})\s*\??\.\s*(${IDENTIFIER})?$`, "u");
const KEY = new RegExp(String.raw`(${CHAIN})\[\s*(["'])([^"'\n]*)$`, "u");
const NAME = new RegExp(String.raw`(?<![\p{ID_Continue}$.#])(${IDENTIFIER})?$`, "u");
const ENDS_IN_CHAIN = new RegExp(String.raw`(${CHAIN})$`, "u");
const CALLED = new RegExp(String.raw`(${CHAIN})\s*\([^()]*$`, "u");
const REST = new RegExp(String.raw`^[\p{ID_Continue}$]*`, "u");
const STEP = new RegExp(
  String.raw`^\s*(?:\??\.\s*(${IDENTIFIER})|\[(\d+)\]|\[(${STRING})\]|(${IDENTIFIER})|(${STRING})|(\[\]))`,
  "u",
);

// {kind: "module" | "member" | "key" | "name", chain, quote, prefix}, null where nothing is known.
function atCursor(before) {
  let found = MODULE.exec(before);
  if (found) return { kind: "module", quote: found[1], prefix: found[2] };
  if ((found = KEY.exec(before))) {
    return { kind: "key", chain: steps(found[1]), quote: found[2], prefix: found[3] };
  }
  if ((found = MEMBER.exec(before))) {
    return { kind: "member", chain: steps(found[1]), prefix: found[2] ?? "" };
  }
  // Behind a dot nothing but a member can stand; what it is a member of is not known.
  if (/\.\s*[\p{ID_Continue}$]*$/u.test(before) && !/\.\.\.\s*[\p{ID_Continue}$]*$/u.test(before)) return null;
  found = NAME.exec(before);
  return found && { kind: "name", prefix: found[1] ?? "" };
}

// The steps of what the cursor stands in or behind, or of what it stands in the call of.
function named(before, after) {
  const whole = before + REST.exec(after)[0];
  const found = ENDS_IN_CHAIN.exec(whole) ?? CALLED.exec(before);
  return found && steps(found[1]);
}

// A chain in steps: [{name}, {literal}, ...]
function steps(chain) {
  const found = [];
  for (let rest = chain; rest; ) {
    const step = STEP.exec(rest);
    if (!step) return [];
    const [whole, member, index, key, name, string, list] = step;
    rest = rest.slice(whole.length);
    if (string !== undefined) found.push({ literal: unquoted(string) });
    else if (list !== undefined) found.push({ literal: [] });
    else found.push({ name: member ?? index ?? name ?? unquoted(key) });
  }
  return found;
}

function unquoted(string) {
  return string.slice(1, -1).replace(/\\(.)/g, "$1");
}

// The names that code declares by itself, as far as words tell.
function declared(code) {
  const pattern = new RegExp(
    String.raw`\b(?:const|let|var|function\*?|class|import|as)\s+(${IDENTIFIER})`,
    "gu",
  );
  return [...code.matchAll(pattern)].map((found) => found[1]);
}

module.exports = { atCursor, declared, named };
