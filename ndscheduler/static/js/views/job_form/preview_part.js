// What comes of the schedule: in words, its next fire times, what to know of it.

import _ from "underscore";

import { post } from "../../api.js";
import { el } from "../../dom.js";
import { icon } from "../../icons.js";
import { scheduleInWords } from "../../schedule_words.js";
import { chosenZone, timeElement } from "../../times.js";
import { BaseView } from "../base_view.js";

const ASK_AFTER = 300;
// What was to come has come meanwhile.
const ASK_AGAIN_AFTER = 60_000;
const FIRE_TIMES = 10;

export class PreviewPart extends BaseView {
  initialize({ form }) {
    this.form = form;
    this.askSoon = _.debounce(() => this.ask(), ASK_AFTER);
    this.listenTo(form, "edited", this.edited);
    this.listenTo(this.app.preferences, "change:zone", () => this.answer && this.show(this.answer));
    this.undo.push(() => this.aborter?.abort());
  }

  className() {
    return "schedule-preview";
  }

  render() {
    this.words = el("p", { class: "preview-words" });
    this.warnings = el("ul", { class: "preview-warnings", "aria-label": "To know" });
    this.times = el("div", { class: "preview-times" });
    this.status = el("p", { class: "visually-hidden", role: "status" });
    this.el.replaceChildren(el("div", {}, this.words, this.warnings), this.times, this.status);
    this.sayWords();
    this.ask();
    this.every(ASK_AGAIN_AFTER, () => this.ask());
    return this;
  }

  edited() {
    const asked = this.request();
    if (_.isEqual(asked, this.asked)) return;
    this.sayWords();
    this.askSoon();
  }

  // Null while a time of the form is none.
  request() {
    try {
      return this.form.previewRequest();
    } catch (problem) {
      return { problem };
    }
  }

  sayWords() {
    const { trigger, timezone } = this.request();
    this.words.textContent = trigger ? scheduleInWords({ trigger, timezone }) : "";
  }

  async ask() {
    this.asked = this.request();
    this.aborter?.abort();
    const { signal } = (this.aborter = new AbortController());
    this.el.classList.add("is-loading");
    try {
      if (this.asked.problem) throw this.asked.problem;
      this.show(await post("triggers/preview", { ...this.asked, count: FIRE_TIMES }, { signal }));
      this.form.trigger("previewed", null);
    } catch (error) {
      if (!signal.aborted) this.fail(error);
    } finally {
      if (!signal.aborted) this.el.classList.remove("is-loading");
    }
  }

  fail(error) {
    this.answer = null;
    this.warnings.replaceChildren();
    this.words.textContent = "";
    const isOfForm = Boolean(error.field);
    const isBound = ["start_date", "end_date"].includes(error.field);
    const later = "The next fire times show when this is a schedule.";
    const text = isOfForm && !isBound ? later : error.message;
    this.times.replaceChildren(el("p", { class: "soft" }, text));
    this.form.trigger("previewed", isOfForm ? error : null);
  }

  show(answer) {
    this.answer = answer;
    this.warnings.replaceChildren(...answer.warnings.map(warningLine));
    this.times.replaceChildren(this.timesTable(answer));
    const count = answer.fire_times.length;
    this.status.textContent = count ? `The next ${count} fire times are known.` : "It never fires.";
  }

  timesTable({ fire_times: fireTimes, timezone }) {
    if (!fireTimes.length) return el("p", { class: "soft" }, "It has no next fire time.");
    const other = chosenZone(timezone) ?? Intl.DateTimeFormat().resolvedOptions().timeZone;
    const isOther = other !== timezone;
    const heads = ["Next", timezone, ...(isOther ? [other] : [])];
    const rows = fireTimes.map(({ utc, local }) =>
      el(
        "tr",
        {},
        el("td", { class: "soft" }, timeElement(utc, "relative", timezone)),
        el("td", {}, ...wallCell(local)),
        isOther && el("td", { class: "soft" }, dayAndTime(utc, other)),
      ),
    );
    return el(
      "table",
      {},
      el("caption", { class: "visually-hidden" }, "Next fire times"),
      el(
        "thead",
        {},
        el(
          "tr",
          {},
          heads.map((head) => el("th", { scope: "col" }, head)),
        ),
      ),
      el("tbody", {}, rows),
    );
  }
}

// What is only to be known, and is no cause for worry.
const TO_KNOW = new Set(["monday_is_zero", "day_and_day_of_week"]);

function warningLine({ code, sentence }) {
  return el("li", {}, icon(TO_KNOW.has(code) ? "info" : "warning"), el("span", {}, sentence));
}

// "2026-11-26T02:30:00+01:00" is what the clock of the job's zone shows: read as if it were UTC.
function wallCell(local) {
  const offset = /(?:Z|[+-]\d\d:\d\d(?::\d\d)?)$/.exec(local)[0];
  const shown = dayAndTime(`${local.slice(0, -offset.length)}Z`, "UTC");
  return [shown, " ", el("span", { class: "soft" }, offset === "+00:00" ? "UTC" : offset)];
}

function dayAndTime(instant, timeZone) {
  const format = new Intl.DateTimeFormat("en-GB", {
    timeZone,
    weekday: "short",
    day: "numeric",
    month: "short",
    year: "numeric",
    hour: "2-digit",
    minute: "2-digit",
    second: "2-digit",
    hourCycle: "h23",
  });
  const found = format.formatToParts(new Date(instant)).map(({ type, value }) => [type, value]);
  const { weekday, day, month, year, hour, minute, second } = Object.fromEntries(found);
  const thisYear = Number(year) === new Date().getFullYear() ? "" : ` ${year}`;
  const time = second === "00" ? `${hour}:${minute}` : `${hour}:${minute}:${second}`;
  return `${weekday} ${day} ${month}${thisYear} ${time}`;
}
