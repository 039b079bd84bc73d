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
const FIRST_WAIT = 1000;
const LONGEST_WAIT = 15000;
// The server sends a comment or an event at least every 15 s, of which EventSource shows only the
// events; so silence is no sign, and a break is what the browser says is one.

/**
 * Open `url`; `onStatus` hears connecting, live and lost, `onEvent` (name, data). Returns a function
 * that closes it for good.
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
    onEvent(event.type, JSON.parse(event.data));
  }

  // EventSource gives up for good where the answer is no stream (503): so we ask again ourselves.
  function again() {
    source.close();
    if (timer !== null) return;
    onStatus("lost");
    timer = setTimeout(connect, wait);
    wait = Math.min(LONGEST_WAIT, wait * 2);
  }

  onStatus("connecting");
  connect();
  return () => {
    clearTimeout(timer);
    timer = -1;
    source.close();
  };
}
