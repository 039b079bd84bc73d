import assert from "node:assert/strict";
import { test } from "node:test";

import {
  fullClassName,
  parseSearch,
  searchText,
  serverQuery,
} from "../../ndscheduler/static/js/job_search.js";

const CLASSES = ["jobs.shell.ShellJob", "jobs.curl.CurlJob", "other.curl.CurlJob"];

test("words and tokens of a search are told apart", () => {
  const search = parseSearch('tag:billing nightly state:failed class:ShellJob tag:"two words" up');

  assert.deepEqual(search, {
    tags: ["billing", "two words"],
    statuses: ["failing"],
    jobClass: "ShellJob",
    words: ["nightly", "up"],
  });
});

test("what is no token is a word, and a token without a value is nothing yet", () => {
  assert.deepEqual(parseSearch("state:purple a:b tag:").words, ["state:purple", "a:b"]);
  assert.deepEqual(parseSearch(undefined).words, []);
});

test("a search can be written as the text that it is read from", () => {
  const text = 'tag:erp tag:"two words" state:failing,paused class:ShellJob one "two three"';

  assert.equal(searchText(parseSearch(text)), text);
});

test("the server is asked for the class that a short name stands for", () => {
  const query = serverQuery(parseSearch("class:shelljob tag:a tag:b x y"), CLASSES);

  assert.deepEqual(query, {
    tag: ["a", "b"],
    status: "",
    job_class_string: "jobs.shell.ShellJob",
    q: "x y",
  });
});

test("a class that is none, or several, is searched for as a word", () => {
  assert.equal(fullClassName("CurlJob", CLASSES), null);
  assert.equal(fullClassName("other.curl.CurlJob", CLASSES), "other.curl.CurlJob");
  assert.equal(serverQuery(parseSearch("class:CurlJob x"), CLASSES).q, "x CurlJob");
});
