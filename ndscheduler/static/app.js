// The list of jobs, read again every ten seconds. All text goes in as text, never as HTML.
"use strict";

const REFRESH_MILLISECONDS = 10000;
const CRON_FIELDS = ["minute", "hour", "day", "month", "week", "day_of_week"];

function schedule(job) {
  const trigger = job.trigger || {};
  if (trigger.type === "crontab") return trigger.expression;
  if (trigger.type === "interval") return `every ${trigger.seconds} s`;
  if (trigger.type === "date") return `once, ${trigger.run_date}`;
  const shown = CRON_FIELDS.filter((name) => name !== "week" || job.week !== "*");
  return `${shown.map((name) => `${name.replaceAll("_", " ")}: ${job[name]}`).join(", ")} (${job.timezone})`;
}

function nextRun(job) {
  return job.next_run_time ? new Date(job.next_run_time).toLocaleString() : "none";
}

function state(job) {
  if (job.error) return job.error;
  if (!job.paused) return "Active";
  return job.paused_reason ? `Paused: ${job.paused_reason}` : "Paused";
}

function row(job) {
  const line = document.createElement("tr");
  for (const text of [job.name, job.job_class_string, schedule(job), nextRun(job), state(job)]) {
    line.insertCell().textContent = text;
  }
  line.classList.toggle("paused", job.paused);
  line.classList.toggle("broken", Boolean(job.error));
  return line;
}

function show(jobs) {
  document.querySelector("tbody").replaceChildren(...jobs.map(row));
  document.querySelector("table").hidden = jobs.length === 0;
  document.querySelector("#message").textContent = jobs.length ? "" : "There are no jobs yet.";
}

async function refresh() {
  try {
    const answer = await fetch("api/v1/jobs");
    if (!answer.ok) throw new Error(`status ${answer.status}`);
    show((await answer.json()).jobs);
  } catch (error) {
    document.querySelector("#message").textContent = `The jobs can not be read: ${error.message}`;
  }
}

refresh();
setInterval(refresh, REFRESH_MILLISECONDS);
