// The activity page: what happened to the list lately, in figures, as a chart and as a table; and its feeds' addresses.
// Asks the API every few seconds while somebody can see it. What a person wrote goes in by textContent alone.

const LIST = 1;
const REFRESH_MS = 5_000;
const ANSWER_MS = 15_000;
const SPANS = { // buckets are whole minutes, whole half-hours, half days; marks are minutes between labelled times
  hour: { minutes: 60, buckets: 60, marks: [10, 20], each: "1 minute", label: { timeStyle: "short" } },
  day: { minutes: 1_440, buckets: 48, marks: [180, 360], each: "30 minutes", label: { timeStyle: "short" } },
  month: { minutes: 43_200, buckets: 60, marks: [7_200, 14_400], each: "12 hours", label: { day: "numeric", month: "short" } },
};
const LANES = [
  { name: "Changes", parts: [["done", (at) => at.changes]] },
  { name: "Builds", parts: [["done", (at) => at.builds]] },
  { name: "Fetches", parts: [["done", (at) => at.fetches - at.not_modified], ["saved", (at) => at.not_modified]] },
];
const [NAME_HEIGHT, BARS_HEIGHT, LANE_GAP, AXIS_HEIGHT] = [22, 52, 14, 22];

const byId = (id) => document.getElementById(id);
const rows = new Map(); // of each feed: its list item
let activity = null; // as the server last gave it
let shownText = ""; // of what is on the page: nothing is drawn anew that has not changed
let pointed = null; // the index of the part that the pointer is on
let copiedAt = 0;

const spanName = () => byId("spans").elements.span.value;
const number = (value) => value.toLocaleString();
const counted = (value, one, many = `${one}s`) => `${number(value)} ${value === 1 ? one : many}`;

function size(bytes) {
  let unit = 0;
  for (; bytes >= 999.5 && unit < 4; unit += 1) bytes /= 1_000;
  return `${bytes.toLocaleString(undefined, { maximumFractionDigits: unit && bytes < 9.95 ? 1 : 0 })} ${["bytes", "kB", "MB", "GB", "TB"][unit]}`;
}

async function get(path) {
  let response;
  try {
    response = await fetch(`api/v1/${path}`, { signal: AbortSignal.timeout(ANSWER_MS) });
  } catch {
    throw new Error("The server cannot be reached. Is it running?");
  }
  const body = await response.json().catch(() => null);
  if (response.ok && body !== null) return body;
  throw new Error(body?.error ?? `The server answered ${response.status} ${response.statusText}.`);
}

function say(id, text, isError = false) {
  byId(id).classList.toggle("error", isError);
  if (byId(id).textContent !== text) byId(id).textContent = text;
}

function svg(name, attributes, text) {
  const element = document.createElementNS("http://www.w3.org/2000/svg", name);
  for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, value);
  if (text !== undefined) element.textContent = text;
  return element;
}

const time = (moment, format) => new Intl.DateTimeFormat(undefined, format).format(moment);

const timeFormat = () => (spanName() === "month" ? { day: "numeric", month: "short", hour: "2-digit", minute: "2-digit" } : { timeStyle: "short" });

function span(at) {
  const from = new Date(at.from);
  const to = new Date(+from + activity.bucket_minutes * 60_000);
  return new Intl.DateTimeFormat(undefined, timeFormat()).formatRange(from, to);
}

/** Indexes of the parts in which a round local time begins, and that time. */
function marks(width) {
  const { marks: [narrow, wide], label } = SPANS[spanName()];
  const every = (width > 480 ? narrow : wide) * 60_000;
  const found = [];
  activity.series.forEach((at, index) => {
    const from = new Date(at.from);
    const local = +from - from.getTimezoneOffset() * 60_000;
    const round = Math.ceil(local / every) * every;
    if (round - local < activity.bucket_minutes * 60_000) found.push([index, time(new Date(+from + round - local), label)]);
  });
  return found;
}

function draw() {
  const place = byId("chart");
  const width = place.clientWidth;
  if (!activity || !width) return;
  const height = LANES.length * (NAME_HEIGHT + BARS_HEIGHT + LANE_GAP) + AXIS_HEIGHT;
  const step = width / activity.series.length;
  const picture = svg("svg", { width, height, viewBox: `0 0 ${width} ${height}`, role: "img", "aria-labelledby": "picture-title picture-desc" });
  picture.append(svg("title", { id: "picture-title" }, "Changes, builds and fetches over time"));
  picture.append(svg("desc", { id: "picture-desc" }, `${activity.summary}. The table below has the same figures.`));
  if (pointed !== null) picture.append(svg("rect", { class: "at", x: pointed * step, y: 0, width: step, height: height - AXIS_HEIGHT }));
  LANES.forEach(({ name, parts }, lane) => {
    const bottom = (lane + 1) * (NAME_HEIGHT + BARS_HEIGHT) + lane * LANE_GAP;
    const most = Math.max(0, ...activity.series.map((at) => parts.reduce((sum, [, value]) => sum + value(at), 0)));
    picture.append(svg("text", { class: "name", x: 0, y: bottom - BARS_HEIGHT - 8 }, name));
    picture.append(svg("text", { x: width, y: bottom - BARS_HEIGHT - 8, "text-anchor": "end" }, most ? `peak ${number(most)}` : "none"));
    picture.append(svg("line", { class: "line", x1: 0, x2: width, y1: bottom + 0.5, y2: bottom + 0.5 }));
    activity.series.forEach((at, index) => {
      let top = bottom;
      for (const [kind, value] of parts) {
        if (!value(at)) continue;
        const tall = Math.max(2, (value(at) / most) * BARS_HEIGHT);
        top -= tall;
        picture.append(svg("rect", { class: kind, x: index * step + 0.5, y: top, width: Math.max(1, step - 1.5), height: tall, rx: Math.min(2, step / 4) }));
      }
    });
  });
  for (const [index, text] of marks(width)) {
    const x = index * step;
    const anchor = x < 18 ? "start" : x > width - 18 ? "end" : "middle";
    picture.append(svg("line", { class: "line", x1: x, x2: x, y1: height - AXIS_HEIGHT - LANE_GAP, y2: height - AXIS_HEIGHT - LANE_GAP + 6 }));
    picture.append(svg("text", { x, y: height - AXIS_HEIGHT + 6, "text-anchor": anchor }, text));
  }
  place.replaceChildren(picture);
  read();
}

/** What is written under the chart: the figures that the pointer is on, or how to read the chart. */
function read() {
  const reading = byId("reading");
  if (pointed === null) {
    const keys = [["done", "sent whole"], ["saved", "not modified"]].map(([kind, text]) => {
      const key = Object.assign(document.createElement("span"), { className: `key ${kind}`, textContent: text });
      return [" ", key];
    });
    reading.replaceChildren(`Each bar is ${SPANS[spanName()].each}. Fetches:`, ...keys.flat());
    return;
  }
  const at = activity.series[pointed];
  const fetches = at.fetches ? `${counted(at.fetches, "fetch", "fetches")}, ${number(at.not_modified)} of them not modified` : "no fetches";
  reading.textContent = `${span(at)}: ${counted(at.changes, "change")}, ${counted(at.builds, "build")}, ${fetches}`;
}

function point(event) {
  const isLeft = event.type === "pointerleave";
  if (!activity || (isLeft && event.pointerType === "touch")) return; // a finger that is lifted leaves, too
  const box = byId("chart").getBoundingClientRect();
  const index = Math.floor(((event.clientX - box.left) / box.width) * activity.series.length);
  const now = isLeft ? null : Math.min(Math.max(index, 0), activity.series.length - 1);
  if (now === pointed) return;
  pointed = now;
  draw();
}

function showFigures() {
  const { totals, series, summary } = activity;
  const isEmpty = Object.values(totals).every((value) => value === 0);
  byId("empty").hidden = !isEmpty;
  byId("shown").hidden = isEmpty;
  if (isEmpty) return;
  byId("summary").textContent = `${summary}.`;
  for (const name of ["changes", "builds", "fetches", "not_modified"]) byId(name).textContent = number(totals[name]);
  const whole = totals.fetches - totals.not_modified;
  const share = totals.fetches ? `${Math.floor((totals.not_modified / totals.fetches) * 100)} %, ` : "";
  const toABuild = totals.builds ? Math.round(totals.changes / totals.builds) : 0;
  byId("changes-hint").textContent = toABuild ? `about ${number(toABuild)} to a build` : "";
  byId("builds-hint").textContent = `after ${counted(totals.bells, "bell")}`;
  byId("fetches-hint").textContent = whole ? `${number(whole)} sent whole, ${size(totals.bytes_sent)}` : "none sent whole";
  byId("not_modified-hint").textContent = `${share}${size(totals.bytes_saved)} not sent`;
  const busy = series.filter((at) => at.changes || at.bells || at.builds || at.fetches).reverse();
  byId("rows").replaceChildren(...busy.map((at) => {
    const row = document.createElement("tr");
    const head = Object.assign(document.createElement("th"), { scope: "row", textContent: time(new Date(at.from), timeFormat()) });
    const figures = [at.changes, at.bells, at.builds, at.fetches, at.not_modified].map(number);
    const cells = [...figures, size(at.bytes_sent), size(at.bytes_saved)];
    row.append(head, ...cells.map((textContent) => Object.assign(document.createElement("td"), { textContent })));
    return row;
  }));
  draw();
}

function newFeed(id) {
  const row = byId("feed").content.firstElementChild.cloneNode(true);
  row.querySelector("h3").id = `feed-${id}`;
  row.querySelector("input").addEventListener("focus", (event) => event.target.select());
  row.querySelector(".copy").addEventListener("click", () => copy(row));
  const doctor = row.querySelector(".doctor");
  doctor.addEventListener("toggle", () => doctor.open && examine(id, doctor));
  rows.set(id, row);
  return row;
}

async function copy(row) {
  const [input, button] = ["input", ".copy"].map((part) => row.querySelector(part));
  try {
    // Browsers give the clipboard to pages over HTTPS alone, and to those of this machine.
    if (navigator.clipboard) await navigator.clipboard.writeText(input.value);
    else if (input.select() || !document.execCommand("copy")) throw new Error("refused");
    button.textContent = "Copied ✓";
    byId("feeds-note").classList.add("unseen"); // the button shows it; this is for screen readers
    say("feeds-note", `Copied the address of “${row.querySelector("h3").textContent}”.`);
  } catch {
    input.select();
    byId("feeds-note").classList.remove("unseen");
    say("feeds-note", "The browser does not let this page copy. The address is selected: copy it with the keyboard.", true);
  }
  const mine = (copiedAt = performance.now());
  setTimeout(() => {
    button.textContent = "Copy";
    if (mine === copiedAt) say("feeds-note", "");
  }, 4_000);
}

function showFeed(row, feed, listName) {
  const [title, words, input] = ["h3", ".size", "input"].map((part) => row.querySelector(part));
  const name = feed.name ?? (feed.is_default ? listName : `${listName}, feed ${feed.id}`);
  title.textContent = name;
  const built = feed.built_at && time(new Date(`${feed.built_at}Z`), { dateStyle: "medium", timeStyle: "short" });
  words.textContent = feed.bytes === null
    ? "Not built yet: it is made when it is first fetched."
    : `${size(feed.bytes)}, ${counted(feed.todos, "task")}, built ${built}`;
  if (feed.revoked) words.textContent += " It has no address: that was revoked.";
  row.querySelector(".address").hidden = !feed.url;
  if (input.value !== (feed.url ?? "")) input.value = feed.url ?? "";
  input.setAttribute("aria-label", `Address of ${name}`);
  row.querySelector(".copy").setAttribute("aria-describedby", title.id);
  row.querySelector(".subscribe").href = feed.webcal_url ?? "";
  row.querySelector(".failure").hidden = !feed.failure;
  row.querySelector(".failure").textContent = feed.failure ? `The last build failed. ${feed.failure}` : "";
  row.querySelector(".warnings").replaceChildren(
    ...feed.warnings.map((textContent) => Object.assign(document.createElement("li"), { textContent })),
  );
}

/** `5 minutes`: the largest unit that gives at least two. */
function duration(seconds) {
  const units = [["day", 86_400], ["hour", 3_600], ["minute", 60], ["second", 1]];
  const [unit, length] = units.find(([, length]) => seconds >= 2 * length) ?? units.at(-1);
  return counted(Math.round(seconds / length), unit);
}

function textElement(name, textContent, className = "") {
  return Object.assign(document.createElement(name), { textContent, className });
}

function showHealth(doctor, { report, read_by: readers }) {
  const checks = (report?.checks ?? []).filter((check) => check.status !== "ok");
  const verdict = report
    ? `It is ${report.verdict === "healthy" ? "healthy" : `not healthy: it ${report.verdict}`}. ${counted(report.checks.length, "check")},`
      + ` ${counted(report.problems, "problem")}, ${counted(report.warnings, "warning")};`
      + ` ${number(report.components.checked)} of ${counted(report.components.total, "entry", "entries")} read by a parser of another make.`
    : "There is nothing to check yet: it has no address, or is not built yet.";
  doctor.querySelector(".verdict").textContent = verdict;
  doctor.querySelector(".checks").replaceChildren(...checks.map((check) => {
    const item = textElement("li", check.message, check.status);
    if (check.hint) item.append(" ", textElement("span", check.hint, "hint"));
    return item;
  }));
  doctor.querySelector("caption").textContent = readers.length ? "Who read it in the last 30 days" : "Nobody has read it in the last 30 days";
  doctor.querySelector("thead").hidden = !readers.length;
  doctor.querySelector("tbody").replaceChildren(...readers.map((reader) => {
    const row = document.createElement("tr");
    const head = Object.assign(textElement("th", reader.name), { scope: "row" });
    row.append(head, ...[
      time(new Date(`${reader.last_at}Z`), { dateStyle: "medium", timeStyle: "short" }),
      reader.interval_seconds === null ? "once so far" : duration(reader.interval_seconds),
      `${Math.round(reader.not_modified_share * 100)} %`,
      reader.expected_delay,
    ].map((text) => textElement("td", text)));
    return row;
  }));
}

async function examine(id, doctor) {
  const [note, found] = [".note", "div"].map((part) => doctor.querySelector(part));
  note.classList.remove("error");
  note.textContent = "Checking…";
  try {
    showHealth(doctor, await get(`feeds/${id}/doctor`));
    found.hidden = false;
    note.textContent = "";
  } catch (error) {
    note.classList.add("error");
    note.textContent = `It could not be checked. ${error.message}`;
  }
}

async function refresh() {
  const asked = spanName();
  const { minutes, buckets } = SPANS[asked];
  try {
    const [figures, feeds, list] = await Promise.all([
      get(`lists/${LIST}/activity?minutes=${minutes}&buckets=${buckets}`), get(`feeds?list_id=${LIST}`), get(`lists/${LIST}`),
    ]);
    if (asked !== spanName()) return; // another answer is on its way
    const text = JSON.stringify([figures, feeds, list]);
    if (text !== shownText) {
      shownText = text;
      activity = figures;
      showFigures();
      feeds.forEach((feed) => showFeed(rows.get(feed.id) ?? newFeed(feed.id), feed, list.name));
      const inOrder = feeds.map((feed) => rows.get(feed.id));
      const first = !byId("feeds").children.length;
      if (inOrder.some((row, index) => byId("feeds").children[index] !== row)) byId("feeds").replaceChildren(...inOrder);
      if (first && location.hash === "#addresses") byId("addresses").scrollIntoView(); // it has only now its place
    }
    say("note", "");
  } catch (error) {
    say("note", `No news: ${error.message} ${shownText ? "What is shown was true before. " : ""}Trying again every 5 seconds.`, true);
  }
}

let turn = 0;

/** Refresh now, and again a while after each answer; whoever calls it again takes over from the one before. */
async function keepFresh() {
  const mine = (turn += 1);
  while (mine === turn && !document.hidden) {
    await refresh();
    await new Promise((done) => setTimeout(done, REFRESH_MS));
  }
}

say("note", "Loading…");
byId("spans").elements.span.value = location.hash.slice(1) in SPANS ? location.hash.slice(1) : "hour";
byId("spans").addEventListener("change", () => {
  pointed = null;
  history.replaceState(null, "", `#${spanName()}`); // a reload, or a bookmark, shows the same
  keepFresh();
});
for (const kind of ["pointermove", "pointerdown", "pointerleave"]) byId("chart").addEventListener(kind, point);
document.addEventListener("visibilitychange", keepFresh);
new ResizeObserver(draw).observe(byId("chart"));
keepFresh();
