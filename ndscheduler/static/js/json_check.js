// Checks JSON while somebody types it: what is wrong, and where.

import { parseExact } from "./exact_json.js";

/**
 * `{value}` of JSON text, with its numbers kept (see exact_json.js); or `{error, at}`: a sentence
 * with the place in it, and the offset.
 */
export function checkJson(text) {
  try {
    return { value: parseExact(text) };
  } catch {
    const { at, reason } = new Scanner(text).problem();
    return { error: `${placeOf(text, at)}: ${reason}`, at };
  }
}

function placeOf(text, at) {
  const before = text.slice(0, at).split("\n");
  const column = `column ${Array.from(before.at(-1)).length + 1}`;
  return text.includes("\n") ? `line ${before.length}, ${column}` : column;
}

class Problem extends Error {
  constructor(at, reason) {
    super(reason);
    Object.assign(this, { at, reason });
  }
}

const NUMBER = /-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?/y;
const WORD = /[A-Za-z_$][\w$]*/y;
const OTHER_WORDS = { True: "true", False: "false", None: "null", undefined: "null" };

// Reads JSON only to find out where it ends to be JSON; browsers tell that each in its own words.
class Scanner {
  constructor(text) {
    this.text = text;
    this.at = 0;
  }

  problem() {
    try {
      this.value();
      this.space();
      if (this.at < this.text.length) this.fail("nothing may follow here");
    } catch (error) {
      if (error instanceof Problem) return error;
      // Nested so deeply that the stack has no room.
      return { at: this.at, reason: "this is nested too deeply" };
    }
    return { at: this.text.length, reason: "this is no JSON" };
  }

  fail(reason, at = this.at) {
    throw new Problem(at, reason);
  }

  get next() {
    return this.text[this.at];
  }

  space() {
    while (" \t\n\r".includes(this.next ?? "x")) this.at += 1;
  }

  take(sign) {
    this.space();
    if (this.next !== sign) return false;
    this.at += 1;
    return true;
  }

  value() {
    this.space();
    if (this.next === undefined) this.fail("a value is missing");
    if (this.take("[")) return this.items("]", () => this.value());
    if (this.take("{")) return this.items("}", () => this.pair());
    if (this.next === '"') return this.string();
    if (this.next === "'") return this.fail('texts stand in double quotes: "…"');
    return this.number() || this.word();
  }

  items(end, item) {
    if (this.take(end)) return;
    for (;;) {
      item();
      if (this.take(end)) return;
      const comma = this.at;
      if (!this.take(","))
        this.fail(this.next ? `“,” or “${end}” is missing` : `“${end}” is missing`);
      if (this.take(end)) this.fail("this comma is one too many", comma);
    }
  }

  pair() {
    this.space();
    if (this.next !== '"') {
      this.fail(this.next ? 'a name in double quotes is missing: "name": value' : "“}” is missing");
    }
    this.string();
    if (!this.take(":")) this.fail("“:” is missing after the name");
    this.value();
  }

  string() {
    const start = this.at;
    this.at += 1;
    while (this.next !== '"') {
      if (this.next === undefined || this.next === "\n") this.fail("this text has no end", start);
      if (this.next < " ") this.fail("write this character as \\t or \\u00…");
      if (this.next === "\\") this.escape();
      this.at += 1;
    }
    this.at += 1;
  }

  escape() {
    const rest = this.text.slice(this.at, this.at + 6);
    if (!/^\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4})/.test(rest)) {
      this.fail("“\\” begins no known sign; write “\\\\” for the character itself");
    }
    this.at += 1;
  }

  number() {
    NUMBER.lastIndex = this.at;
    const found = NUMBER.exec(this.text);
    if (!found) return false;
    const after = this.text[NUMBER.lastIndex];
    if (/[\w.]/.test(after ?? "")) this.fail("this is no number; texts stand in double quotes");
    this.at = NUMBER.lastIndex;
    return true;
  }

  word() {
    WORD.lastIndex = this.at;
    const [word] = WORD.exec(this.text) ?? [];
    if (["true", "false", "null"].includes(word)) return (this.at += word.length);
    if (OTHER_WORDS[word]) return this.fail(`write ${OTHER_WORDS[word]}`);
    if (word) return this.fail('texts stand in double quotes: "…"');
    return this.fail("a value is missing");
  }
}
