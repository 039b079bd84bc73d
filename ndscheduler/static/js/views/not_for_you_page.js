import { el } from "../dom.js";
import { roleForPage, roleWord } from "../permissions.js";
import { PageView } from "./page_view.js";
import { emptyState } from "./table_view.js";

/** In place of a page that one's role is too low for. */
export class NotForYouPage extends PageView {
  get title() {
    return "Not for your role";
  }

  render() {
    const needed = roleWord(roleForPage(this.place.page));
    const yours = roleWord(this.app.session.known.role);
    const action = el("a", { class: "btn btn-primary", href: "#" }, "Go to the overview");
    const text = `This page needs the role ${needed}; yours is ${yours}. An admin can give you another.`;
    this.el.replaceChildren(emptyState({ iconName: "key", title: this.title, text, action }));
    return this;
  }
}
