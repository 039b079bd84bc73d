import { noLogin } from "./no_login.js";
import { PageView } from "./page_view.js";

export class LoginPage extends PageView {
  get title() {
    return "Log in";
  }

  render() {
    this.el.replaceChildren(...noLogin(this.title, "There is nothing to log in to"));
    return this;
  }
}
