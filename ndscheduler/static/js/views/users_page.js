import { el } from "../dom.js";
import { PageView } from "./page_view.js";

export class UsersPage extends PageView {
  get title() {
    return "Users";
  }

  render() {
    this.el.replaceChildren(el("header", { class: "page-header" }, el("h1", {}, this.title)));
    return this;
  }
}
