// What the server wrote into the page: title, version, username ... (see handlers/index.py).

function read() {
  const meta = document.querySelector('meta[name="ndscheduler"]');
  return meta ? JSON.parse(meta.content) : {};
}

export const pageInfo = read();
