// Compiles the templates of the page.

import { readFile } from "node:fs/promises";
import path from "node:path";

import _ from "underscore";

/** Underscore templates as functions of `data`, made now: the page itself may not use eval. */
export function templateModule(source) {
  const compiled = _.template(source.trim(), { variable: "data" });
  return `import _ from "underscore";\nexport default ${compiled.source}\n`;
}

/** The plugin for esbuild that compiles templates/*.html. */
export const templates = {
  name: "templates",
  setup(build) {
    build.onLoad({ filter: /[/\\]templates[/\\].*\.html$/ }, async (file) => ({
      contents: templateModule(await readFile(file.path, "utf8")),
      loader: "js",
      resolveDir: path.dirname(file.path),
    }));
  },
};
