import assert from "node:assert/strict";
import { test } from "node:test";

import { parseLicences } from "../../ndscheduler/static/js/licences.js";

test("each piece of bundled software has its name, its version and its terms", () => {
  const rule = "-".repeat(72);
  const file = `It contains:\n\n${rule}\n@a/b 1.2.3 (MIT)\n\nOne\n\nTwo\n\n${rule}\nc 4 (BSD)\n\nThree\n`;

  assert.deepEqual(parseLicences(file), [
    { name: "@a/b", version: "1.2.3", licence: "MIT", text: "One\n\nTwo" },
    { name: "c", version: "4", licence: "BSD", text: "Three" },
  ]);
  assert.deepEqual(parseLicences(""), []);
});
