// About this installation: what runs where, where to get help, what is bundled.

import { get } from "../api.js";
import { el, outsideUrl } from "../dom.js";
import { icon } from "../icons.js";
import { loadLicences } from "../licences.js";
import { openWords, roleWord } from "../permissions.js";
import { PageView } from "./page_view.js";

export class AboutPage extends PageView {
  className() {
    return "page about-page";
  }

  get title() {
    return "About";
  }

  render() {
    this.facts = el("dl", { class: "facts" });
    this.links = el("p", { class: "about-links" });
    this.licences = el("div", { class: "licences" }, el("p", { class: "soft" }, "Loading …"));
    this.el.replaceChildren(
      el("header", { class: "page-header" }, el("h1", {}, this.title)),
      el("section", { class: "card-box" }, this.facts, this.links),
      el("h2", {}, "Software in this page"),
      this.licences,
    );
    // What the page came with, until the server has said what is so now.
    this.show(this.app.info);
    this.load();
    return this;
  }

  load() {
    get("about").then(
      (about) => this.show(about),
      () => {},
    );
    loadLicences().then(
      (found) => this.licences.replaceChildren(...found.map(licence)),
      (error) => this.licences.replaceChildren(el("p", { class: "soft" }, sorry(error))),
    );
  }

  loginFacts() {
    const { info, session } = this.app;
    const { username, role, way } = session.known;
    if (way === "open") return [["Login", openWords(info)]];
    return [
      ["Login", "Required"],
      ["You are", `${username}, ${roleWord(role)}`],
    ];
  }

  show(about) {
    const facts = [...factsOf(about), ...this.loginFacts()].filter(([, value]) => value);
    this.facts.replaceChildren(
      ...facts.flatMap(([name, value]) => [el("dt", {}, name), el("dd", {}, value)]),
    );
    const links = [
      outsideUrl(about.help_url) && link(about.help_url, "Help"),
      outsideUrl(about.issues_url) && link(about.issues_url, "Report an issue"),
    ];
    this.links.replaceChildren(...links.filter(Boolean));
  }
}

function factsOf({ title, version, host, user, timezone, ...others }) {
  return [
    ["Name", title],
    ["ndscheduler", version],
    ["Runs on", host],
    ["As the user", user],
    ["Time zone of the scheduler", timezone],
    ["Job packages", packages(others.job_packages ?? others.job_versions)],
  ];
}

function packages(versions) {
  const found = Object.entries(versions ?? {});
  if (!found.length) return null;
  return found.map(([name, version]) => el("div", {}, version ? `${name} ${version}` : name));
}

function link(href, word) {
  const attributes = { href, rel: "noreferrer", target: "_blank" };
  return el("a", attributes, icon("box-arrow-up-right"), ` ${word}`);
}

function licence({ name, version, licence: terms, text }) {
  return el(
    "details",
    {},
    el("summary", {}, `${name} `, el("span", { class: "soft" }, `${version} · ${terms}`)),
    el("pre", { class: "code" }, text),
  );
}

function sorry(error) {
  return `What is bundled can not be read now: ${error.message}`;
}
