// Tags as small buttons.

import { el, shortened } from "../../dom.js";

/** The first `most` of `tags`, a button each that calls `onTag(tag)`; the rest in a tooltip. */
export function tagButtons(tags, onTag, most = Infinity) {
  if (!tags.length) return null;
  const shown = tags.slice(0, most).map((tag) =>
    el(
      "button",
      {
        type: "button",
        class: "tag tag-button",
        title: `Show jobs with the tag ${tag}`,
        click: () => onTag(tag),
      },
      shortened(tag, 20),
    ),
  );
  const rest = tags.slice(most);
  const more =
    rest.length > 0 && el("span", { class: "tag", title: rest.join(", ") }, `+${rest.length}`);
  return el("span", { class: "tags" }, shown, more);
}
