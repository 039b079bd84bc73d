// JSON whose numbers stay as they were written: 1.0 and 12345678901234567890 are no JavaScript
// numbers. Browsers that can not do that (before 2025, most of them) read numbers as usual.

const canKeep = typeof JSON.rawJSON === "function";

/** `text` as a value that `JSON.stringify` writes with the same numbers. Throws SyntaxError. */
export function parseExact(text) {
  return canKeep ? JSON.parse(text, keepNumber) : JSON.parse(text);
}

/** `value`, of parseExact, with plain numbers. */
export function withPlainNumbers(value) {
  return value === undefined ? undefined : JSON.parse(JSON.stringify(value));
}

function keepNumber(key, value, context) {
  if (typeof value !== "number" || String(value) === context.source) return value;
  return JSON.rawJSON(context.source);
}
