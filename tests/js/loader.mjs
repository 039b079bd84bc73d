// Templates are compiled as the build compiles them; icons are text.
import { readFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";

import { templateModule } from "../../page_templates.mjs";

export async function load(url, context, next) {
  if (url.endsWith(".html")) {
    const source = templateModule(await readFile(fileURLToPath(url), "utf8"));
    return { format: "module", source, shortCircuit: true };
  }
  if (url.endsWith(".svg")) {
    const text = await readFile(fileURLToPath(url), "utf8");
    const source = `export default ${JSON.stringify(text)};`;
    return { format: "module", source, shortCircuit: true };
  }
  return next(url, context);
}
