// What all charts are drawn with.

const SVG = "http://www.w3.org/2000/svg";

/** A new element of SVG, with `children` (elements, or a text). */
export function shape(tag, attributes = {}, ...children) {
  const element = document.createElementNS(SVG, tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (value !== null && value !== undefined) element.setAttribute(name, value);
  }
  element.append(...children.filter((child) => child !== null && child !== undefined));
  return element;
}

/**
 * Keep what `draw(width)` makes in `host`, drawn again when the room changes. Returns a function that
 * draws it anew, with a `stop`.
 */
export function drawnIn(host, draw) {
  let width = 0;
  const again = () => width > 0 && host.replaceChildren(draw(width));
  const observer = new ResizeObserver(() => {
    if (host.clientWidth === width) return;
    width = host.clientWidth;
    again();
  });
  observer.observe(host);
  again.stop = () => observer.disconnect();
  return again;
}

/** Lines and numbers of an axis at the left of a chart; `y(value)` says how high each stands. */
export function axis(ticks, { left, width, y, words }) {
  return [0, ...ticks].flatMap((tick) => [
    shape("line", { class: "chart-line", x1: left, x2: width, y1: y(tick), y2: y(tick) }),
    shape(
      "text",
      { class: "chart-text", x: left - 6, y: y(tick) + 4, "text-anchor": "end" },
      words(tick),
    ),
  ]);
}

/** A line below the bar of what went wrong: the colour does not say it alone. */
export function badMark(key, { x, width }, floor) {
  return shape("rect", { class: `bar state-${key}`, x, width, y: floor + 2, height: 2 });
}
