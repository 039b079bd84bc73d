import { el } from "../dom.js";
import { PageView } from "./page_view.js";

export class JobPage extends PageView {
  get title() {
    return "Job";
  }

  render() {
    this.el.replaceChildren(el("header", { class: "page-header" }, el("h1", {}, this.title)));
    return this;
  }
}
