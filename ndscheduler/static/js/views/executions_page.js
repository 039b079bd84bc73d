import { el } from "../dom.js";
import { PageView } from "./page_view.js";

export class ExecutionsPage extends PageView {
  get title() {
    return "Executions";
  }

  render() {
    this.el.replaceChildren(el("header", { class: "page-header" }, el("h1", {}, this.title)));
    return this;
  }
}
