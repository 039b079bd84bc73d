// What goes beside the bundles: their compressed copies and the licences of what is in them.

import { readdir, readFile, writeFile } from "node:fs/promises";
import path from "node:path";
import { promisify } from "node:util";
import { constants, gzip } from "node:zlib";

const COMPRESSED = /\.(js|css|svg)$/;
const LICENCE = /^(licen[cs]e|copying)(\.\w+)?$/i;

/** Write FILE.gz beside each of `files` that gets smaller so; the server only picks one. */
export async function compress(files) {
  for (const file of files.filter((name) => COMPRESSED.test(name))) {
    const whole = await readFile(file);
    const level = constants.Z_BEST_COMPRESSION;
    await writeFile(`${file}.gz`, await promisify(gzip)(whole, { level }));
  }
}

/** Write the licence of each package that one of `inputs`, the bundled files, is from. */
export async function writeLicences(inputs, file) {
  const packages = [...new Set(inputs.map(packageOf).filter(Boolean))].sort();
  const texts = await Promise.all(packages.map(licenceOf));
  await writeFile(file, `The web page of ndscheduler contains:\n\n${texts.join("\n")}`);
}

/** The directory of the package that `input` is from; null for our own files. */
function packageOf(input) {
  const match = /^(?:.*\/)?node_modules\/(?:@[^/]+\/)?[^/]+/.exec(input);
  return match && match[0];
}

async function licenceOf(directory) {
  const { name, version, license } = JSON.parse(await readFile(`${directory}/package.json`));
  const file = (await readdir(directory)).find((entry) => LICENCE.test(entry));
  if (!file) throw new Error(`${name} comes without the text of its licence.`);
  const text = await readFile(path.join(directory, file), "utf8");
  return `${"-".repeat(72)}\n${name} ${version} (${license})\n\n${text.trim()}\n`;
}
