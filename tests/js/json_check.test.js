import assert from "node:assert/strict";
import { test } from "node:test";

import { checkJson } from "../../ndscheduler/static/js/json_check.js";
import {
  checkArguments,
  isList,
  isObject,
  jsonText,
} from "../../ndscheduler/static/js/models/job_form.js";

test("what is no JSON is told with its place and what to do", () => {
  const errors = {
    "[1, 2": "column 6: “]” is missing",
    "[1 2]": "column 4: “,” or “]” is missing",
    "[1, 2,]": "column 6: this comma is one too many",
    '{"a": 1,\n "b": 2,\n}': "line 2, column 8: this comma is one too many",
    "['a']": 'column 2: texts stand in double quotes: "…"',
    "[abc]": 'column 2: texts stand in double quotes: "…"',
    "[True]": "column 2: write true",
    "[None]": "column 2: write null",
    '["a]': "column 2: this text has no end",
    '["a\\x"]': "column 4: “\\” begins no known sign; write “\\\\” for the character itself",
    "{a: 1}": 'column 2: a name in double quotes is missing: "name": value',
    '{"a" 1}': "column 6: “:” is missing after the name",
    "[01]": "column 2: this is no number; texts stand in double quotes",
    "[1] 2": "column 5: nothing may follow here",
    "[1,": "column 4: a value is missing",
    '["😀", x]': 'column 7: texts stand in double quotes: "…"',
  };

  const found = Object.keys(errors).map((text) => [text, checkJson(text).error]);

  assert.deepEqual(Object.fromEntries(found), errors);
});

test("a text that is nested beyond all reason is refused and breaks nothing", () => {
  const { error } = checkJson("[".repeat(200_000));

  assert.match(error, /nested too deeply|missing/);
});

test("arguments are a list, keyword arguments an object, and nothing typed is an empty one", () => {
  assert.deepEqual(checkArguments(" ", isList).value, []);
  assert.deepEqual(checkArguments("", isObject).value, {});
  assert.deepEqual(checkArguments('["a", {"b": null}]', isList).value, ["a", { b: null }]);
  assert.match(checkArguments("{}", isList).error, /must be a list/);
  assert.match(checkArguments("[]", isObject).error, /must be an object/);
  assert.match(checkArguments("null", isObject).error, /must be an object/);
});

test("JSON in a field is on one line where it is short, and its texts stay as they are", () => {
  assert.equal(jsonText(["a[ 1", { b: [1, 2], c: {} }]), '["a[ 1", {"b": [1, 2], "c": {}}]');
  assert.equal(jsonText(["line\n  end"]), '["line\\n  end"]');
  assert.equal(jsonText([]), "");
  assert.equal(jsonText(["x".repeat(80)]), `[\n  "${"x".repeat(80)}"\n]`);
});

test("numbers stay as they were written", { skip: !JSON.rawJSON && "needs JSON.rawJSON" }, () => {
  const { value } = checkJson("[12345678901234567890, 1.0, 1e2, 3]");

  assert.equal(JSON.stringify(value), "[12345678901234567890,1.0,1e2,3]");
  assert.match(checkArguments("1.0", isObject).error, /must be an object/);
});
