// The one place that talks to the REST API.

import $ from "jquery";
import _ from "underscore";
import Backbone from "backbone";

import { parseExact } from "./exact_json.js";

const BASE = "api/v1/";
const NOTHING_CHANGED = "Nothing was changed, as far as is known.";

/** An answer that is no success. `status` 0: the server could not be reached. */
export class ApiError extends Error {
  constructor(status, message, { field = "", waitSeconds = 0 } = {}) {
    super(message);
    this.name = "ApiError";
    this.status = status;
    this.field = field;
    // How long the server wants to be left alone.
    this.waitSeconds = waitSeconds;
  }

  /** The message without the name of the field that the server puts before it. */
  get sentence() {
    const { field, message } = this;
    return field && message.startsWith(`${field}: `) ? message.slice(field.length + 2) : message;
  }
}

// "unreachable" and "reachable", as answers come or do not; "unauthorized" on 401.
export const apiEvents = { ...Backbone.Events };

/** JSON of `GET path?query`; empty values of `query` are left out, lists repeat a parameter. */
export function get(path, query = {}, options = {}) {
  return request("GET", path, { query, ...options });
}

export function post(path, body, options = {}) {
  return request("POST", path, { body, ...options });
}

export function put(path, body, options = {}) {
  return request("PUT", path, { body, ...options });
}

export function del(path, options = {}) {
  return request("DELETE", path, options);
}

/** The path of one thing: `pathOf("jobs", id, "pause")`. */
export function pathOf(...parts) {
  return parts.map(encodeURIComponent).join("/");
}

/** `?a=1&a=2`, or nothing. */
export function queryString(query) {
  const parameters = new URLSearchParams();
  for (const [name, value] of Object.entries(query)) {
    for (const one of _.flatten([value])) {
      if (one !== null && one !== undefined && one !== "") parameters.append(name, String(one));
    }
  }
  const text = parameters.toString();
  return text ? `?${text}` : "";
}

/**
 * A promise of the JSON answer; rejects with ApiError. `headers`; a `signal` to abort by; `isExact`
 * keeps the numbers of the answer as they are written (see exact_json.js).
 */
export function request(method, path, { query = {}, body, headers = {}, signal, isExact } = {}) {
  return new Promise((resolve, reject) => {
    const call = $.ajax({
      method,
      url: BASE + path + queryString(query),
      headers,
      data: body === undefined ? undefined : JSON.stringify(body),
      contentType: body === undefined ? false : "application/json",
      dataType: "json",
      converters: isExact ? { "text json": parseExact } : {},
      processData: false,
    });
    signal?.addEventListener("abort", () => call.abort());
    call.then(
      (answer) => {
        apiEvents.trigger("reachable");
        resolve(answer);
      },
      (answer, reason) => reject(failure(answer, reason, method)),
    );
  });
}

function failure(answer, reason, method) {
  if (reason === "abort") return new ApiError(-1, "No longer wanted.");
  if (!answer.status) {
    apiEvents.trigger("unreachable");
    const away = "The server can not be reached.";
    return new ApiError(0, method === "GET" ? away : `${away} ${NOTHING_CHANGED}`);
  }
  apiEvents.trigger("reachable");
  if (answer.status === 401) apiEvents.trigger("unauthorized");
  const { error, field } = answer.responseJSON ?? {};
  const sentence = error ?? `The server answered with status ${answer.status}.`;
  const waitSeconds = Number(answer.getResponseHeader("Retry-After")) || 0;
  return new ApiError(answer.status, sentence, { field, waitSeconds });
}
