// Fields of forms: a label, what is typed, a hint or what is wrong with it.

import { ROLE_WORDS } from "../permissions.js";
import { el } from "../dom.js";

let count = 0;

/**
 * `control` under `label`; `hint` stands below it until `say(problem)` has something to say. `holder`
 * is what the control stands in, if it does not stand alone.
 */
export function field(label, control, hint = null, holder = control) {
  const id = `field-${(count += 1)}`;
  control.id = id;
  control.setAttribute("aria-describedby", `${id}-hint`);
  const below = el("div", { class: "form-text", id: `${id}-hint` }, hint);
  const element = el(
    "div",
    { class: "form-field" },
    el("label", { class: "form-label", for: id }, label),
    holder,
    below,
  );
  const say = (problem) => {
    below.replaceChildren(problem ?? hint ?? "");
    below.classList.toggle("field-problem", Boolean(problem));
    control.classList.toggle("is-invalid", Boolean(problem));
    control.setAttribute("aria-invalid", String(Boolean(problem)));
  };
  return { element, control, say };
}

/** Which role, with what each may do below it. */
export function roleField(chosen, roles = ROLE_WORDS) {
  const options = roles.map(([value, word]) =>
    el("option", { value, selected: value === chosen }, word),
  );
  const select = el("select", { class: "form-select" }, options);
  const does = el("span");
  const explain = () => {
    does.textContent = roles.find(([role]) => role === select.value)?.[2] ?? "";
  };
  select.addEventListener("change", explain);
  explain();
  return field("Role", select, does);
}

/** What is said at a field already, so that nobody needs to say it again. */
class SaidAtField extends Error {}

/**
 * What `act` gives. What the server refuses is said at its field: `fields` are by the server's
 * names. All else is thrown as a sentence.
 */
export async function sayAtFields(fields, act) {
  for (const { say } of Object.values(fields)) say(null);
  try {
    return await act();
  } catch (error) {
    const refused = fields[error.field];
    if (!refused) throw new Error(sentenceOf(error), { cause: error });
    refused.say(sentenceOf(error));
    refused.control.focus();
    throw new SaidAtField("");
  }
}

/** What went wrong, without the name of the server's field. */
export function sentenceOf(error) {
  const text = error.sentence ?? error.message;
  return text.charAt(0).toUpperCase() + text.slice(1);
}

/** A field for JSON that says while one types whether `read` (text) finds a problem. */
export function jsonField(label, text, read, hint = null) {
  const rows = Math.min(10, Math.max(2, text.split("\n").length));
  const control = el("textarea", {
    class: "form-control json-input",
    rows,
    spellcheck: "false",
    autocomplete: "off",
  });
  control.value = text;
  const made = field(label, control, hint);
  control.addEventListener("input", () => made.say(read(control.value).problem));
  return {
    ...made,
    /** What was typed; throws a sentence when it is not what it should be. */
    value() {
      const { value, problem } = read(control.value);
      made.say(problem);
      if (problem) throw new Error(`${label}: ${problem}`);
      return value;
    },
  };
}
