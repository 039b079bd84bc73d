import { el } from "../dom.js";
import { PageView } from "./page_view.js";
import { emptyState } from "./table_view.js";

export class NotFoundPage extends PageView {
  get title() {
    return "Not found";
  }

  render() {
    const action = el("a", { class: "btn btn-primary", href: "#" }, "Go to the overview");
    const text = `Nothing has the address “${this.place.path}”.`;
    this.el.replaceChildren(emptyState({ title: "There is no such page", text, action }));
    return this;
  }
}
