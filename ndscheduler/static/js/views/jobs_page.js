import { Jobs } from "../collections/jobs.js";
import { textCell } from "../dom.js";
import { timeElement } from "../times.js";
import { ListPage } from "./list_page.js";

export class JobsPage extends ListPage {
  initialize() {
    this.collection = new Jobs();
    this.listenTo(this.app.live, "jobs", (jobs) => this.collection.patch(jobs));
  }

  get title() {
    return "Jobs";
  }

  get noun() {
    return ["job", "jobs"];
  }

  columns() {
    return [
      { title: "Name", sort: "name", cell: (job) => textCell(job.name) },
      {
        title: "Next run",
        sort: "next_run",
        cell: (job) => timeElement(job.get("next_run_time"), "countdown", job.get("timezone")),
      },
    ];
  }

  openItem(job) {
    this.app.router.go(["jobs", job.id]);
  }
}
