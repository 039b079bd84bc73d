import { el } from "../../dom.js";
import { ScheduleRow, setUnlessFocused } from "./schedule_row.js";

export class CrontabRow extends ScheduleRow {
  get form() {
    return "crontab";
  }

  get title() {
    return "Crontab line";
  }

  controls() {
    this.input = el("input", {
      type: "text",
      class: "form-control crontab-input",
      "aria-label": "Crontab expression",
      autocomplete: "off",
      spellcheck: "false",
      input: () => this.schedule.chooseCrontab(this.input.value),
    });
    this.note = el("span", { class: "form-hint" });
    return [this.input, this.note];
  }

  show() {
    const crontab = this.schedule.get("crontab");
    setUnlessFocused(this.input, crontab);
    const canSay = this.isChosen || crontab;
    this.input.placeholder = canSay ? "0 3 * * 1" : "";
    const meaning = "0 and 7 are Sunday here, 1 is Monday";
    this.note.textContent = canSay ? meaning : "A crontab line can not say this.";
  }
}
