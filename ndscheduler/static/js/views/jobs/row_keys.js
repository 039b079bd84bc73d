// The keyboard in the list of jobs: up and down, and what is done with the row one is in.

import { runNow } from "../../job_actions.js";

const ARROWS = { ArrowDown: 1, ArrowUp: -1 };

/** Bind the keys for as long as `page` (with `table`, `collection`, `ticks`) lives. */
export function bindRowKeys(page) {
  const { app, table, ticks } = page;
  const held = { mayRepeat: true };
  page.bindKey("j", "Next job in the list", () => move(table, 1), held);
  page.bindKey("k", "Job before in the list", () => move(table, -1), held);
  page.bindKeyFor("edit", "e", "Edit the job", () =>
    withJob(page, ({ id }) => app.router.go(["jobs", id, "edit"])),
  );
  page.bindKeyFor("run", "r", "Run the job now", () => withJob(page, (job) => runNow(app, job)));
  page.bindKeyFor("run", "x", "Tick the job", () =>
    withJob(page, (job) => ticks.tick(job, !ticks.isTicked(job))),
  );
  table.el.addEventListener("keydown", (event) => moveByArrow(table, event));
}

// Only from a row: elsewhere the arrows scroll; in a menu they go through it.
function moveByArrow(table, event) {
  const step = ARROWS[event.key];
  if (!step || event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey) return;
  if (event.target.closest(".dropdown, select, thead")) return;
  event.preventDefault();
  move(table, step);
}

function move(table, step) {
  const rows = [...table.body.children];
  const at = rows.findIndex((row) => row === rowInUse(table));
  const start = step > 0 ? 0 : rows.length - 1;
  const next = at < 0 ? start : Math.min(rows.length - 1, Math.max(0, at + step));
  rows[next]?.querySelector(".job-link").focus();
}

/** The row with the focus, or the one that had it last. */
function rowInUse(table) {
  const focused = document.activeElement?.closest?.("tr[data-id]");
  if (focused && table.body.contains(focused)) table.rowBefore = focused;
  return table.rowBefore?.isConnected ? table.rowBefore : null;
}

function withJob(page, act) {
  const row = rowInUse(page.table);
  const job = row && page.collection.get(row.dataset.id);
  if (job) act(job);
  else move(page.table, 1);
}
