import js from "@eslint/js";
import globals from "globals";

export default [
  js.configs.recommended,
  {
    rules: {
      eqeqeq: "error",
      "no-var": "error",
      "prefer-const": "error",
      "no-eval": "error",
      "no-implied-eval": "error",
      "no-restricted-properties": [
        "error",
        { property: "innerHTML", message: "Text goes in as text; markup comes from templates." },
        { property: "outerHTML", message: "Text goes in as text; markup comes from templates." },
        { property: "insertAdjacentHTML", message: "Text goes in as text." },
      ],
      "no-console": "error",
    },
  },
  { files: ["ndscheduler/static/js/**"], languageOptions: { globals: globals.browser } },
  {
    files: ["ndscheduler/static/js/live_worker.js"],
    languageOptions: { globals: globals.sharedWorker },
  },
  { files: ["tests/js/**", "*.mjs"], languageOptions: { globals: globals.node } },
];
