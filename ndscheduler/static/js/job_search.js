// What is searched for among jobs: words and tokens, `tag:billing state:failing class:ShellJob`.

// What a token may say, and what the server calls it.
const STATUSES = {
  active: "active",
  on: "active",
  paused: "paused",
  off: "paused",
  running: "running",
  failing: "failing",
  failed: "failing",
  broken: "broken",
  error: "broken",
  ended: "ended",
};

const PART = /(tag|state|status|class):("[^"]*"?|\S*)|"[^"]*"?|\S+/gi;

/** `{tags, statuses, jobClass, words}` of what was typed; a state that is none stays a word. */
export function parseSearch(text) {
  const search = { tags: [], statuses: [], jobClass: "", words: [] };
  for (const [whole, key, value] of String(text ?? "").matchAll(PART)) {
    take(search, whole, key?.toLowerCase(), unquoted(value ?? ""));
  }
  return search;
}

function take(search, whole, key, value) {
  if (!key) search.words.push(unquoted(whole));
  else if (!value) return;
  else if (key === "tag") search.tags.push(value);
  else if (key === "class") search.jobClass = value;
  else takeStatuses(search, whole, value);
}

function takeStatuses(search, whole, value) {
  const found = value.split(",").map((word) => STATUSES[word.toLowerCase()]);
  if (found.every(Boolean)) search.statuses.push(...found);
  else search.words.push(whole);
}

function unquoted(text) {
  return text.replace(/^"|"$/g, "");
}

/** The text that `parseSearch` reads as `search`. */
export function searchText({ tags = [], statuses = [], jobClass = "", words = [] }) {
  return [
    ...tags.map((tag) => `tag:${quotedWhenNeeded(tag)}`),
    ...(statuses.length ? [`state:${statuses.join(",")}`] : []),
    ...(jobClass ? [`class:${quotedWhenNeeded(jobClass)}`] : []),
    ...words.map(quotedWhenNeeded),
  ].join(" ");
}

function quotedWhenNeeded(text) {
  return /\s/.test(text) ? `"${text}"` : text;
}

/** The query of GET /jobs for `search`; `classNames` are the full names of the classes known. */
export function serverQuery({ tags, statuses, jobClass, words }, classNames = []) {
  const fullName = fullClassName(jobClass, classNames);
  return {
    tag: tags,
    status: [...new Set(statuses)].join(","),
    job_class_string: fullName ?? "",
    q: (jobClass && !fullName ? [...words, jobClass] : words).join(" "),
  };
}

/** The one class that `text` names, whole or by its end; null where it is none or several. */
export function fullClassName(text, classNames) {
  if (!text) return null;
  const wanted = text.toLowerCase();
  const found = classNames.filter((name) => `.${name.toLowerCase()}`.endsWith(`.${wanted}`));
  return found.length === 1 ? found[0] : null;
}

/** A class by its last part: "ShellJob". */
export function shortClassName(name) {
  return String(name ?? "")
    .split(".")
    .at(-1);
}
