// The scheduler processes: which are alive, what they run, when they were last heard of.

import { Instances } from "../collections/instances.js";
import { el, textCell } from "../dom.js";
import { icon } from "../icons.js";
import { timeElement } from "../times.js";
import { ListPage } from "./list_page.js";

export class InstancesPage extends ListPage {
  initialize() {
    this.collection = new Instances();
    this.listenTo(this.app.live, "instances", (instances) =>
      this.collection.take({ instances: ordered(instances) }),
    );
  }

  get title() {
    return "Instances";
  }

  get noun() {
    return ["instance", "instances"];
  }

  get hasPages() {
    return false;
  }

  columns() {
    return [
      { title: "State", cell: aliveCell },
      {
        title: "Host",
        className: "grow",
        cell: (instance) => textCell(instance.get("hostname"), 40),
      },
      { title: "Process", className: "number", cell: (instance) => String(instance.get("pid")) },
      { title: "Load", className: "load", cell: loadCell },
      { title: "Last heartbeat", cell: (instance) => timeElement(instance.get("heartbeat_at")) },
      { title: "Started", cell: (instance) => timeElement(instance.get("started_at"), "clock") },
      { title: "Stopped", cell: (instance) => timeElement(instance.get("stopped_at"), "clock") },
      { title: "Version", cell: (instance) => instance.get("version") },
    ];
  }

  rowClass(instance) {
    return instance.get("is_alive") ? null : "is-over";
  }
}

function ordered(instances) {
  return [...instances].sort((a, b) => b.started_at.localeCompare(a.started_at));
}

function aliveCell(instance) {
  if (instance.get("is_alive")) {
    return el("span", { class: "state state-succeeded" }, icon("check"), " Alive");
  }
  if (instance.get("stopped_at")) {
    return el("span", { class: "state state-skipped" }, icon("square"), " Stopped");
  }
  const title = `Silent for longer than its lease of ${instance.get("lease_seconds")} s.`;
  return el("span", { class: "state state-failed", title }, icon("x"), " Lost");
}

function loadCell(instance) {
  const { running = 0, threads } = instance.get("load") ?? {};
  if (!instance.get("is_alive")) return "";
  if (!threads) return `${running} running`;
  const meter = el("progress", { max: threads, value: Math.min(running, threads) });
  meter.setAttribute("aria-label", `${running} of ${threads} threads busy`);
  return [meter, ` ${running} of ${threads}`];
}
