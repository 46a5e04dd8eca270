// The page: lists and changes tasks through the API, and fetches the calendar. Knows the API's answers, nothing else.
// What a person wrote goes in by textContent alone. URLs are relative: the page may be served below a path.

const PAGE_SIZE = 200;
const ANSWER_SECONDS = 15;
const QUICK_POLL_MS = 200; // most calendars are made in less
const QUICK_POLLS_SECONDS = 3; // from then on, the pause is the server's Retry-After
const PATIENCE_SECONDS = 120;
const STATES = { PENDING: "Waiting for a worker…", STARTED: "A worker is making it…", RETRY: "A worker tries again…" };

const byId = (id) => document.getElementById(id);
const [form, deadline, wholeDay, tasks, more] = ["add", "deadline", "whole-day", "tasks", "more"].map(byId);
const shown = new Map(); // of each row: its task as the server last gave it
let nextPage = null; // the query of the next page, null on the last

/** The answer's headers and JSON. Otherwise an Error with words for a person, and `field` when one is at fault. */
async function call(method, path, content) {
  let response, text;
  try {
    response = await fetch(`api/v1/${path}`, {
      method,
      headers: content ? { "Content-Type": "application/json" } : {},
      body: content && JSON.stringify(content),
      signal: AbortSignal.timeout(ANSWER_SECONDS * 1000),
    });
    text = await response.text();
  } catch (error) {
    if (error.name !== "TimeoutError") throw new Error("The server cannot be reached. Is it running?");
    const doubt = method === "GET" ? "" : " It may have done it all the same: reload the page to see.";
    throw new Error(`The server did not answer within ${ANSWER_SECONDS} seconds.${doubt}`);
  }
  let body = null;
  try {
    body = JSON.parse(text);
  } catch {} // the page of a proxy in between: its status says more
  if (response.ok && body !== null) return { headers: response.headers, body };
  const words = body?.error ?? `The server answered ${response.status} ${response.statusText}, and not in its own words.`;
  throw Object.assign(new Error(words), { field: body?.field });
}

function say(id, text, isError = false) {
  byId(id).classList.toggle("error", isError);
  byId(id).textContent = text;
}

function showDeadline(element, text, completed) {
  element.hidden = !text;
  if (!text) return;
  const isDay = text.length === 10;
  const isInstant = text.endsWith("Z");
  // A wall-clock time is read and written as if in UTC: no daylight-saving gap of the browser's zone can shift it.
  const format = { dateStyle: "medium", timeStyle: isDay ? undefined : "short", timeZone: isInstant ? undefined : "UTC" };
  const at = new Date(isDay || isInstant ? text : `${text}Z`);
  const clock = new Date(Date.now() - new Date().getTimezoneOffset() * 60_000).toISOString();
  const overdue = !completed && (isInstant ? at < new Date() : text < clock.slice(0, text.length));
  element.dateTime = text;
  element.textContent = (overdue ? "Overdue: " : "") + new Intl.DateTimeFormat(undefined, format).format(at);
  element.classList.toggle("overdue", overdue);
}

function showTask(row, task) {
  const [box, label, description] = ["input", "label", ".description"].map((part) => row.querySelector(part));
  shown.set(row, task);
  row.classList.toggle("done", task.completed);
  box.checked = task.completed;
  label.htmlFor = box.id = `task-${task.id}`;
  label.textContent = task.title;
  description.textContent = task.description ?? "";
  description.hidden = !task.description;
  row.querySelector("button").setAttribute("aria-label", `Delete ${task.title}`);
  showDeadline(row.querySelector("time"), task.deadline_at, task.completed);
}

function newRow(task) {
  const row = byId("task").content.firstElementChild.cloneNode(true);
  row.querySelector("input").addEventListener("change", () => tick(row));
  row.querySelector("button").addEventListener("click", () => remove(row));
  showTask(row, task);
  return row;
}

function showCount() {
  const open = [...shown.values()].filter((task) => !task.completed).length;
  const which = nextPage ? `newest ${shown.size}: ` : "";
  byId("count").textContent = shown.size ? `${which}${open} open, ${shown.size - open} done` : "";
  byId("empty").hidden = shown.size > 0;
  more.hidden = !nextPage;
}

async function load() {
  if (more.ariaDisabled === "true") return;
  more.ariaDisabled = "true";
  say("tasks-note", "Loading…");
  try {
    const isPressed = document.activeElement === more;
    const { headers, body } = await call("GET", `todos${nextPage ?? `?limit=${PAGE_SIZE}`}`);
    const link = /<([^>]*)>; *rel="next"/.exec(headers.get("Link") ?? "");
    nextPage = link && new URL(link[1]).search; // its host may be another than the one this page came from
    const known = new Set([...shown.values()].map((task) => task.id)); // one added while this was under way
    const rows = body.filter((task) => !known.has(task.id)).map(newRow);
    tasks.append(...rows);
    say("tasks-note", "");
    showCount();
    more.textContent = "Show more";
    if (isPressed) (rows[0]?.querySelector("input") ?? byId("tasks-heading")).focus();
  } catch (error) {
    say("tasks-note", `Loading the tasks failed. ${error.message}`, true);
    more.textContent = "Try again";
    more.hidden = false;
  }
  more.ariaDisabled = "false";
}

async function tick(row) {
  if (row.ariaBusy === "true") return; // the loop below sees what was clicked meanwhile
  row.ariaBusy = "true";
  const box = row.querySelector("input");
  try {
    while (box.checked !== shown.get(row).completed) {
      const { body } = await call("PUT", `todos/${shown.get(row).id}`, { completed: box.checked });
      const clicked = box.checked;
      showTask(row, body);
      box.checked = clicked;
    }
    say("tasks-note", "");
  } catch (error) {
    box.checked = shown.get(row).completed;
    say("tasks-note", `Changing “${shown.get(row).title}” failed. ${error.message}`, true);
  }
  row.ariaBusy = "false";
  showCount();
}

async function remove(row) {
  const { id, title } = shown.get(row);
  const dialog = byId("sure");
  byId("sure-text").textContent = `Delete “${title}”? There is no way back.`;
  dialog.returnValue = "keep"; // what Escape means, too
  dialog.showModal();
  await new Promise((closed) => dialog.addEventListener("close", closed, { once: true }));
  if (dialog.returnValue !== "delete") return;
  try {
    await call("DELETE", `todos/${id}`);
    const neighbour = row.nextElementSibling ?? row.previousElementSibling;
    if (row.contains(document.activeElement)) (neighbour?.querySelector("button") ?? byId("tasks-heading")).focus();
    shown.delete(row);
    row.remove();
    say("tasks-note", `Deleted “${title}”.`);
    showCount();
  } catch (error) {
    say("tasks-note", `Deleting “${title}” failed. ${error.message}`, true);
  }
}

async function add(event) {
  event.preventDefault();
  const fields = form.querySelector("fieldset");
  const given = Object.fromEntries([...new FormData(form)].filter(([, value]) => value !== ""));
  let focused = byId("title");
  form.querySelector("[aria-invalid]")?.removeAttribute("aria-invalid");
  fields.disabled = true;
  say("add-note", "Adding…");
  try {
    const { body } = await call("POST", "todos", given);
    tasks.prepend(newRow(body));
    showCount();
    form.reset();
    useWholeDay();
    say("add-note", `Added “${body.title}”.`);
  } catch (error) {
    say("add-note", `Adding failed. ${error.message}`, true);
    const atFault = form.elements.namedItem(error.field ?? "");
    atFault?.setAttribute("aria-invalid", "true");
    focused = atFault ?? focused;
  }
  fields.disabled = false;
  focused.focus();
}

function useWholeDay() {
  const day = deadline.value.slice(0, 10);
  deadline.type = wholeDay.checked ? "date" : "datetime-local";
  deadline.max = wholeDay.checked ? "9999-12-31" : "9999-12-31T23:59";
  if (day) deadline.value = wholeDay.checked ? day : `${day}T09:00`;
}

async function makeCalendar() {
  const [button, download] = ["make", "download"].map(byId);
  if (button.ariaDisabled === "true") return;
  button.ariaDisabled = "true"; // not disabled, which would lose the focus
  download.hidden = true;
  say("calendar-note", "Asking for it…");
  const began = performance.now();
  const elapsed = () => (performance.now() - began) / 1000;
  try {
    const job = (await call("POST", "todos/ical")).body.task_id;
    for (let said = ""; ; ) {
      const { headers, body } = await call("GET", `todos/ical/${job}/status`);
      const state = body.task_status;
      if (state === "SUCCESS") break;
      if (state === "FAILURE") throw new Error(body.error ?? "The server does not say why.");
      if (elapsed() > PATIENCE_SECONDS) throw new Error(`Nothing came within ${PATIENCE_SECONDS} seconds. Is a worker running?`);
      const words = (STATES[state] ?? state) + (elapsed() > 10 ? " This takes long. Is a worker running?" : "");
      if (words !== said) say("calendar-note", (said = words)); // so that a screen reader says each state once
      const asked = (Number(headers.get("Retry-After")) || 1) * 1000;
      await new Promise((done) => setTimeout(done, elapsed() < QUICK_POLLS_SECONDS ? QUICK_POLL_MS : asked));
    }
    download.href = `api/v1/todos/ical/${job}/result`;
    download.hidden = false;
    download.click();
    say("calendar-note", `Ready after ${elapsed().toFixed(1)} seconds.`);
  } catch (error) {
    say("calendar-note", `No calendar. ${error.message}`, true);
  }
  button.ariaDisabled = "false";
}

form.addEventListener("submit", add);
wholeDay.addEventListener("change", useWholeDay);
byId("make").addEventListener("click", makeCalendar);
more.addEventListener("click", load);
useWholeDay(); // browsers remember ticked boxes over a reload
load();
