// One execution: its times, what came of it and why, and running it again.

import { copyText, el } from "../dom.js";
import { icon } from "../icons.js";
import { Execution } from "../models/execution.js";
import { Job } from "../models/job.js";
import { href } from "../router.js";
import { stateBadge, stateOf } from "../states.js";
import { clock, chosenZone, duration, timeElement } from "../times.js";
import { toast, toastError } from "../toasts.js";
import { jobLink, triggerWords } from "./executions/columns.js";
import { PageView } from "./page_view.js";
import { emptyState } from "./table_view.js";

export class ExecutionPage extends PageView {
  initialize() {
    this.execution = new Execution({ execution_id: this.place.id });
    this.listenTo(this.app.live, "executions", this.takeLive);
    this.listenTo(this.app.live, "reload", this.load);
    this.bindKey("r", "Run again", () => this.runAgain());
  }

  className() {
    return "page execution-page";
  }

  get title() {
    const name = this.execution.get("job_name");
    return name ? `${name} · ${this.when()}` : "Execution";
  }

  when() {
    return clock(this.execution.get("scheduled_time"), {
      zone: chosenZone(this.execution.get("timezone")),
    });
  }

  render() {
    this.el.replaceChildren(el("p", { class: "soft", role: "status" }, "Loading …"));
    this.load();
    return this;
  }

  async load() {
    try {
      await this.execution.load();
      this.draw();
    } catch (error) {
      this.el.replaceChildren(failure(error, () => this.load()));
    }
    this.trigger("title");
  }

  takeLive(executions) {
    if (executions.some((item) => item.execution_id === this.execution.id)) this.load();
  }

  draw() {
    const drawn = [this.head(), this.headline(), this.times(), ...this.parts()].filter(Boolean);
    // What is open or selected stays so where nothing has changed.
    if (String(window.getSelection()) && this.wasDrawn === this.execution.get("state")) return;
    this.wasDrawn = this.execution.get("state");
    this.el.replaceChildren(...drawn);
  }

  head() {
    const { execution } = this;
    return el(
      "header",
      { class: "page-header" },
      el(
        "nav",
        { class: "crumbs", "aria-label": "Where this is" },
        el("a", { href: "#executions" }, "Executions"),
        " › ",
        jobLink(execution),
        " › ",
        el("h1", {}, timeElement(execution.get("scheduled_time"), "clock")),
      ),
      el("span", { class: "spacer" }),
      this.neighbour("previous_id", "chevron-left", "The execution before"),
      this.neighbour("next_id", "chevron-right", "The execution after"),
      execution.jobStillExists && this.againButton(),
    );
  }

  neighbour(key, iconName, label) {
    const id = this.execution.get(key);
    if (!id) return null;
    const attributes = {
      class: "btn icon-button",
      href: href(["executions", id]),
      "aria-label": label,
    };
    return el("a", { ...attributes, title: label }, icon(iconName));
  }

  againButton() {
    const attributes = { type: "button", class: "btn btn-primary", click: () => this.runAgain() };
    return el("button", { ...attributes, title: "With the same arguments" }, "Run again");
  }

  async runAgain() {
    const { execution } = this;
    if (!execution.jobStillExists) return;
    const job = new Job({ job_id: execution.get("job_id") });
    try {
      const id = await job.runNow({
        pub_args: execution.get("pub_args") ?? [],
        kwargs: execution.get("kwargs") ?? {},
      });
      const show = () => this.app.router.go(["executions", id]);
      toast("Queued again with the same arguments.", { action: { label: "Show", run: show } });
    } catch (error) {
      toastError("It was not run again", error);
    }
  }

  headline() {
    const { execution } = this;
    const sentence = execution.get("error_summary") || execution.get("reason");
    const took = execution.get("duration");
    return el(
      "div",
      { class: `execution-headline state-${stateOf(execution.get("state")).key}` },
      el(
        "p",
        { class: "headline-state", role: "status" },
        stateBadge(execution.get("state")),
        this.lasted(took),
      ),
      sentence && el("p", { class: "headline-sentence" }, sentence),
    );
  }

  lasted(took) {
    const { execution } = this;
    if (execution.isLive && execution.get("started_time")) {
      return [" for ", timeElement(execution.get("started_time"), "elapsed")];
    }
    return took === null || took === undefined ? null : ` after ${duration(took)}`;
  }

  times() {
    const { execution } = this;
    const rows = [
      ["Scheduled for", timeElement(execution.get("scheduled_time"), "clock")],
      ["Fire time", this.fireTimes()],
      ["Started", this.started()],
      ["Finished", timeElement(execution.get("finished_time"), "clock")],
      ["Trigger", triggerWords(execution)],
      ["Attempt", this.attempts()],
      ["Host", this.host()],
      ["Exit code", execution.get("exit_code")],
      ["Description", execution.get("description")],
      ["Job class", execution.get("job_class_string")],
      ["Execution id", el("code", {}, execution.id)],
    ];
    const shown = rows.filter(([, value]) => ![null, undefined, ""].includes(value));
    return el(
      "dl",
      { class: "facts card-box" },
      shown.map(([name, value]) => [el("dt", {}, name), el("dd", {}, value)]),
    );
  }

  fireTimes() {
    const { execution } = this;
    if (!execution.get("fire_time")) return null;
    const last = timeElement(execution.get("fire_time"), "clock");
    if (!(execution.get("count") > 1)) return last;
    const first = timeElement(execution.get("first_fire_time"), "clock");
    return [
      `${execution.get("count").toLocaleString("en")} fire times, from `,
      first,
      " to ",
      last,
    ];
  }

  started() {
    const { execution } = this;
    if (!execution.get("started_time")) return null;
    const delay = execution.get("delay");
    const late =
      delay === null || delay === undefined ? "" : ` (${duration(Math.max(0, delay))} later)`;
    return [
      timeElement(execution.get("started_time"), "clock"),
      el("span", { class: "soft" }, late),
    ];
  }

  host() {
    const { execution } = this;
    const host = execution.get("hostname");
    return host && (execution.get("pid") ? `${host}, process ${execution.get("pid")}` : host);
  }

  attempts() {
    const all = this.execution.get("attempts") ?? [];
    if (all.length < 2)
      return this.execution.get("attempt") > 1 ? this.execution.get("attempt") : null;
    return all.map((attempt, at) => [
      at ? " · " : "",
      attempt.execution_id === this.execution.id
        ? `${attempt.attempt} (this one)`
        : el(
            "a",
            { href: href(["executions", attempt.execution_id]) },
            `${attempt.attempt} ${attempt.state}`,
          ),
    ]);
  }

  parts() {
    const { execution } = this;
    const args = { pub_args: execution.get("pub_args"), kwargs: execution.get("kwargs") };
    return [
      this.part("Result", pretty(execution.get("result")), "result"),
      this.part("Arguments", JSON.stringify(args, null, 2), "arguments"),
    ];
  }

  part(title, text, name) {
    if (text === null) return null;
    const code = el("pre", { class: "code", tabindex: "0", "aria-label": title }, text);
    const tools = el(
      "div",
      { class: "part-tools" },
      toolButton("Wrap", () => code.classList.toggle("no-wrap")),
      toolButton("Copy", () => this.copy(text)),
      el(
        "a",
        {
          class: "btn btn-sm icon-button",
          href: URL.createObjectURL(new Blob([text], { type: "text/plain" })),
          download: `${this.execution.id}-${name}.txt`,
        },
        "Download",
      ),
    );
    return el("section", { class: "part" }, el("header", {}, el("h2", {}, title), tools), code);
  }

  async copy(text) {
    const copied = await copyText(text);
    toast(copied ? "Copied." : "This browser does not let pages copy.", {
      kind: copied ? "good" : "bad",
    });
  }
}

function toolButton(word, click) {
  return el("button", { type: "button", class: "btn btn-sm icon-button", click }, word);
}

/** A result as people read it: JSON with indents, a text as it is, nothing for null. */
export function pretty(result) {
  if (result === null || result === undefined || result === "null") return null;
  try {
    const value = JSON.parse(result);
    return typeof value === "string" ? value : JSON.stringify(value, null, 2);
  } catch {
    // A traceback, or what the job class made of its result.
    return result;
  }
}

function failure(error, again) {
  if (error.status === 404) {
    return emptyState({
      title: "There is no such execution",
      text: "It may have been deleted with old history.",
      action: el("a", { class: "btn btn-primary", href: "#executions" }, "All executions"),
    });
  }
  return emptyState({
    iconName: "warning",
    title: "This execution can not be read now",
    text: error.message,
    action: el("button", { type: "button", class: "btn btn-primary", click: again }, "Try again"),
  });
}
