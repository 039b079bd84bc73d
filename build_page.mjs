// Builds the web page: ndscheduler/static/{js,css} -> ndscheduler/static/dist, names with a hash of
// the content, and manifest.json, which says how the files are named.

import { mkdir, rename, rm, writeFile } from "node:fs/promises";
import path from "node:path";

import esbuild from "esbuild";

import { compress, writeLicences } from "./page_extras.mjs";
import { templates } from "./page_templates.mjs";

const SOURCES = "ndscheduler/static";
const DIST = `${SOURCES}/dist`;

// The names by which index.html asks for a file, and what each is made of.
const ENTRIES = {
  app: `${SOURCES}/js/app.js`,
  theme: `${SOURCES}/css/theme.css`,
  worker: `${SOURCES}/js/live_worker.js`,
};
const NAMES = { app: "app.js", theme: "app.css", worker: "worker.js" };

async function build() {
  await rm(DIST, { recursive: true, force: true });
  await mkdir(DIST, { recursive: true });
  const result = await esbuild.build({
    entryPoints: ENTRIES,
    outdir: DIST,
    entryNames: "[name].[hash]",
    chunkNames: "[name].[hash]",
    assetNames: "[name].[hash]",
    bundle: true,
    splitting: true,
    format: "esm",
    target: ["chrome109", "firefox115", "safari16"],
    minify: true,
    legalComments: "none",
    metafile: true,
    loader: { ".svg": "text", ".woff2": "file" },
    plugins: [templates],
    logLevel: "warning",
  });
  const { inputs, outputs } = result.metafile;
  await compress(Object.keys(outputs));
  await writeLicences(Object.keys(inputs), `${DIST}/LICENSES.txt`);
  await writeManifest(outputs);
}

async function writeManifest(outputs) {
  const entries = Object.entries(outputs).filter(([, output]) => output.entryPoint);
  const manifest = {};
  for (const [file, output] of entries) {
    const entry = Object.keys(ENTRIES).find((name) => ENTRIES[name] === output.entryPoint);
    if (entry) manifest[NAMES[entry]] = path.basename(file);
  }
  const missing = Object.values(NAMES).filter((name) => !manifest[name]);
  if (missing.length) throw new Error(`The build made no ${missing.join(", ")}.`);
  // Renamed into place, so that nobody reads half of it.
  await writeFile(`${DIST}/manifest.json.new`, `${JSON.stringify(manifest, null, 2)}\n`);
  await rename(`${DIST}/manifest.json.new`, `${DIST}/manifest.json`);
}

await build();
