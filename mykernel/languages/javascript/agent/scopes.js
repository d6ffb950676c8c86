// Which names stand for what in a syntax tree (ESTree), as far as `declarations.js` wants to know.
"use strict";

// A cell may give these names another meaning.
const { Array, Object, Set } = globalThis;

const FUNCTIONS = new Set(["FunctionDeclaration", "FunctionExpression", "ArrowFunctionExpression"]);
const SHORT = new Set(["&&=", "||=", "??="]);

// The names that a pattern gives values to.
function boundBy(pattern) {
  return [...targets(pattern)].map(({ id }) => id.name);
}

// The identifiers of a pattern. shorthand: whether it stands for a key, too, as in {name}.
function* targets(pattern, shorthand = false) {
  switch (pattern?.type) {
    case "Identifier":
      yield { id: pattern, shorthand };
      break;
    case "ObjectPattern":
      for (const one of pattern.properties) {
        yield* one.type === "Property" ? targets(one.value, one.shorthand) : targets(one);
      }
      break;
    case "ArrayPattern":
      for (const one of pattern.elements) yield* targets(one);
      break;
    case "AssignmentPattern":
      yield* targets(pattern.left, shorthand);
      break;
    case "RestElement":
      yield* targets(pattern.argument);
  }
}

function* children(node) {
  for (const value of Object.values(node)) {
    for (const one of Array.isArray(value) ? value : [value]) if (one?.type) yield one;
  }
}

// The `var` declarations below the top and outside of functions, each with whether it is a loop's own.
function* variables(node) {
  for (const child of children(node)) {
    if (FUNCTIONS.has(child.type) || child.type === "StaticBlock") continue;
    if (child.type === "VariableDeclaration" && child.kind === "var" && node.type !== "Program") {
      yield [child, child === node.init || child === node.left];
    }
    yield* variables(child);
  }
}

// Where one of the names is assigned to, and nothing else is meant by it there:
// {id, shorthand}, and for `??=` and the like {id, short: the assignment}.
function* constantsAssigned(node, names, hidden = []) {
  const own = declaredBy(node);
  const inner = own.length ? [...hidden, new Set(own)] : hidden;
  for (const target of assigned(node)) {
    const { name } = target.id;
    if (names.has(name) && !inner.some((scope) => scope.has(name))) yield target;
  }
  for (const child of children(node)) yield* constantsAssigned(child, names, inner);
}

function assigned(node) {
  switch (node.type) {
    case "AssignmentExpression":
      if (!SHORT.has(node.operator)) return targets(node.left);
      return node.left.type === "Identifier" ? [{ id: node.left, short: node }] : [];
    case "UpdateExpression":
      return targets(node.argument);
    case "ForInStatement":
    case "ForOfStatement":
      return targets(node.left);
    default:
      return [];
  }
}

// The names that mean something else within the node.
function declaredBy(node) {
  if (FUNCTIONS.has(node.type)) {
    const own = [node.id, ...node.params].flatMap(boundBy);
    const inner = node.body.type === "BlockStatement" ? [...variables(node)] : [];
    return [...own, ...inner.flatMap(([one]) => namesOf(one)), "arguments"];
  }
  switch (node.type) {
    case "BlockStatement":
    case "StaticBlock":
      return node.body.flatMap(lexical);
    case "SwitchStatement":
      return node.cases.flatMap((one) => one.consequent).flatMap(lexical);
    case "ForStatement":
      return lexical(node.init);
    case "ForInStatement":
    case "ForOfStatement":
      return lexical(node.left);
    case "CatchClause":
      return boundBy(node.param);
    case "ClassExpression":
      return boundBy(node.id);
    default:
      return [];
  }
}

function lexical(node) {
  if (node?.type === "VariableDeclaration" && node.kind !== "var") return namesOf(node);
  return /^(?:Function|Class)Declaration$/.test(node?.type) ? boundBy(node.id) : [];
}

function namesOf({ declarations }) {
  return declarations.flatMap(({ id }) => boundBy(id));
}

module.exports = { boundBy, constantsAssigned, variables };
