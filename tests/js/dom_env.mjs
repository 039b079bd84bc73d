// A document for modules that need one when they are loaded.
import { JSDOM } from "jsdom";

const dom = new JSDOM("<!DOCTYPE html><body></body>", { url: "http://localhost:8888/" });
for (const name of ["window", "document", "DOMParser", "Node", "HTMLElement", "Event"]) {
  globalThis[name] = name === "window" ? dom.window : dom.window[name];
}
