// One Server-Sent Events stream, connected again whenever it breaks.

const EVENTS = [
  "hello",
  "executions",
  "jobs",
  "logs",
  "instances",
  "stats",
  "reload",
  "trouble",
  "recovered",
  "scheduler",
  "bye",
];
// The reason of a `bye` after which there is nothing to come back for.
export const LOGGED_OUT = "logged out";
const FIRST_WAIT = 1000;
const LONGEST_WAIT = 15000;
// The server sends a comment or an event at least every 15 s, of which EventSource shows only the
// events; so silence is no sign, and a break is what the browser says is one.

/**
 * Open `url`; `onStatus` hears connecting, live and lost, `onEvent` (name, data). Returns a function
 * that closes it for good, as a logout does.
 */
export function openStream(url, { onStatus, onEvent, Source = EventSource }) {
  let source = null;
  let timer = null;
  let wait = FIRST_WAIT;
  let lastId = "";

  function connect() {
    timer = null;
    source = new Source(lastId ? `${url}?last_event_id=${encodeURIComponent(lastId)}` : url);
    source.onopen = () => {
      wait = FIRST_WAIT;
      onStatus("live");
    };
    source.onerror = again;
    for (const name of EVENTS) source.addEventListener(name, take);
  }

  function take(event) {
    if (event.lastEventId) lastId = event.lastEventId;
    const data = JSON.parse(event.data);
    if (isLogout(event.type, data)) close();
    onEvent(event.type, data);
  }

  // EventSource gives up for good where the answer is no stream (503): so we ask again ourselves.
  function again() {
    source.close();
    if (timer !== null) return;
    onStatus("lost");
    timer = setTimeout(connect, wait);
    wait = Math.min(LONGEST_WAIT, wait * 2);
  }

  function close() {
    clearTimeout(timer);
    timer = -1;
    source.close();
  }

  onStatus("connecting");
  connect();
  return close;
}

/** True for the event after which the stream is closed, until somebody opens one anew. */
export function isLogout(name, data) {
  return name === "bye" && data.reason === LOGGED_OUT;
}
