// The software that is bundled into this page, and on which terms.

const RULE = /^-{72}$/m;
const HEADING = /^(\S+) (\S+) \((.*)\)$/;

/** `[{name, version, licence, text}]` of LICENSES.txt, in its order (see page_extras.mjs). */
export function parseLicences(file) {
  const parts = file.split(RULE).slice(1);
  return parts.flatMap((part) => {
    const [heading, ...lines] = part.trim().split("\n");
    const [, name, version, licence] = HEADING.exec(heading) ?? [];
    return name ? [{ name, version, licence, text: lines.join("\n").trim() }] : [];
  });
}

/** What is bundled; the file stands beside the one that this code is in. */
export async function loadLicences() {
  const answer = await fetch(new URL("LICENSES.txt", import.meta.url));
  if (!answer.ok) throw new Error(`The server answered with status ${answer.status}.`);
  return parseLicences(await answer.text());
}
