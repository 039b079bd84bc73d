// What the server wrote into the page: title, version, username ... (see handlers/index.py).

function meta(name) {
  return document.querySelector(`meta[name="${name}"]`)?.content ?? null;
}

export const pageInfo = JSON.parse(meta("ndscheduler") ?? "{}");

/** Where live_worker.js is; null where the page does not say. */
export const workerUrl = meta("ndscheduler-worker");
