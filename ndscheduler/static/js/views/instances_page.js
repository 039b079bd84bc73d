import { el } from "../dom.js";
import { PageView } from "./page_view.js";

export class InstancesPage extends PageView {
  get title() {
    return "Instances";
  }

  render() {
    this.el.replaceChildren(el("header", { class: "page-header" }, el("h1", {}, this.title)));
    return this;
  }
}
