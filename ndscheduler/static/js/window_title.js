// The title and the icon of the window: they show failures while the tab is hidden.

const ICON = 'link[rel="icon"]';

const dotted = (colour) =>
  "data:image/svg+xml," +
  encodeURIComponent(
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 16 16"><circle cx="8" cy="8" r="7" fill="${colour}"/>` +
      '<path d="M8 4v4l3 2" stroke="white" stroke-width="1.6" fill="none" stroke-linecap="round"/></svg>',
  );
const CALM = dotted("#2563c9");
const ALARMED = dotted("#c4232b");

/** `failed` executions since the tab was hidden; 0 while it is seen. */
export function showWindowTitle(page, title, failed = 0) {
  const mark = failed ? `(${failed} failed) ` : "";
  document.title = [`${mark}${page}`, title].filter(Boolean).join(" · ");
  const link = document.querySelector(ICON);
  const href = failed ? ALARMED : CALM;
  if (link && link.getAttribute("href") !== href) link.setAttribute("href", href);
}
