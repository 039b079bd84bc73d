// Arguments of jobs as people type them: JSON, with its numbers kept (see exact_json.js).

import { checkJson } from "./json_check.js";

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
  return JSON.stringify(value).startsWith("{");
}

function read(text, nothing, isRight, wanted) {
  if (text.trim() === "") return { value: nothing, problem: null };
  const { value, error } = checkJson(text);
  if (error) return { value: null, problem: `Not valid JSON: ${error}` };
  return isRight(value) ? { value, problem: null } : { value: null, problem: `Not ${wanted}.` };
}
