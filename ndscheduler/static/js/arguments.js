// Arguments of jobs as people type them: JSON.

/** `value` as JSON for a field: one line where it is short, else a line for each item. */
export function jsonText(value) {
  const line = JSON.stringify(value);
  return line.length <= 60 ? line : JSON.stringify(value, null, 2);
}

/** `{value, problem}` of the text of positional arguments, a JSON list; nothing is no argument. */
export function readList(text) {
  return read(text, [], Array.isArray, 'a list, such as ["one", 2]');
}

/** `{value, problem}` of the text of keyword arguments, a JSON object; nothing is none. */
export function readObject(text) {
  return read(text, {}, isObject, 'an object, such as {"key": "value"}');
}

function isObject(value) {
  return value !== null && typeof value === "object" && !Array.isArray(value);
}

function read(text, nothing, isRight, wanted) {
  if (text.trim() === "") return { value: nothing, problem: null };
  try {
    const value = JSON.parse(text);
    return isRight(value) ? { value, problem: null } : { value: null, problem: `Not ${wanted}.` };
  } catch (error) {
    return { value: null, problem: `Not valid JSON: ${error.message}` };
  }
}
