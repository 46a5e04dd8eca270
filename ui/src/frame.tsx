/** What is around every view: the way between them, the state of the line, messages, the sheet of keys. */
import type { ComponentType } from "preact";
import { useEffect, useState } from "preact/hooks";
import { Icon } from "./parts/icon";
import { LineState } from "./parts/line";
import { Toasts } from "./parts/toast";
import { Troubles } from "./parts/troubles";
import { addressOf, focusLateHeading, go, queue, VIEWS, type View, view } from "./router";
import { ROOT } from "./root";
import { Settings } from "./settings";
import { sheet } from "./sheets";
import { Help, useShortcuts } from "./shortcuts";
import { TasksView } from "./tasks/view";
import { language, texts } from "./texts";

const LATER: Record<Exclude<View, "tasks">, () => Promise<ComponentType>> = {
  calendar: () => import("./calendar/view").then((part) => part.CalendarView),
  subscribe: () => import("./subscribe/view").then((part) => part.SubscribeView),
  activity: () => import("./activity/view").then((part) => part.ActivityView),
  queues: () => import("./queues/view").then((part) => part.QueuesView),
};

export function Frame() {
  useShortcuts();
  const t = texts.value;
  const heading = queue.value?.name ?? t.views[view.value];
  useEffect(() => {
    document.documentElement.lang = language.value;
    document.title = view.value === "tasks" ? "TaskOverflow" : `${heading} – TaskOverflow`;
  }, [heading]);
  return (
    <div class="frame">
      <a class="skip" href="#content">
        {t.skip}
      </a>
      <header class="top">
        <a class="brand" href={addressOf("tasks")} onClick={(event) => follow(event, "tasks")}>
          <img src={`${ROOT}icon.svg`} alt="" width="32" height="32" />
          TaskOverflow
        </a>
        <nav class="views" aria-label="TaskOverflow">
          {VIEWS.map((name) => (
            <a
              key={name}
              href={addressOf(name)}
              aria-label={t.views[name]}
              aria-current={view.value === name ? (queue.value ? "true" : "page") : undefined}
              onClick={(event) => follow(event, name)}
            >
              <Icon name={name} />
              <span class="name" aria-hidden="true">
                {t.views[name]}
              </span>
              <span class="viewsShort" aria-hidden="true">
                {t.viewsShort[name]}
              </span>
            </a>
          ))}
        </nav>
        <div class="row">
          <button
            type="button"
            class="quiet icon-button"
            aria-label={t.help.open}
            onClick={() => (sheet.value = "help")}
          >
            <Icon name="help" />
          </button>
          <button
            type="button"
            class="quiet icon-button"
            aria-label={t.settings.heading}
            onClick={() => (sheet.value = "settings")}
          >
            <Icon name="settings" />
          </button>
        </div>
      </header>
      <LineState />
      <Troubles />
      <main id="content" tabIndex={-1}>
        {view.value === "tasks" ? <TasksView /> : <Later key={view.value} name={view.value} />}
      </main>
      <footer class="foot hint">
        <span>{t.tagline}</span>
        <a href={`${ROOT}docs/`}>{t.docs}</a>
      </footer>
      <Toasts />
      {sheet.value === "help" && <Help />}
      {sheet.value === "settings" && <Settings />}
    </div>
  );
}

/** Follow a link within the page, unless another tab or window is asked for. */
function follow(event: MouseEvent, to: View): void {
  if (event.ctrlKey || event.metaKey || event.shiftKey || event.button) return;
  event.preventDefault();
  go(to);
}

/** A view whose code is loaded when it is opened. */
function Later({ name }: { name: Exclude<View, "tasks"> }) {
  const t = texts.value;
  const [part, setPart] = useState<{ View: ComponentType } | "waiting" | "failed">("waiting");
  useEffect(() => {
    let isGone = false;
    LATER[name]().then(
      (View) => isGone || setPart({ View }),
      () => isGone || setPart("failed"),
    );
    return () => {
      isGone = true;
    };
  }, [name]);
  useEffect(() => {
    if (part !== "waiting") focusLateHeading();
  }, [part]);
  if (part === "waiting") return <Waiting heading={t.views[name]} />;
  if (part === "failed") {
    return (
      <>
        <h1 tabIndex={-1}>{t.views[name]}</h1>
        <p class="note error" role="alert">
          {t.chunkFailed}
        </p>
        <div>
          <button type="button" onClick={() => location.reload()}>
            {t.reload}
          </button>
        </div>
      </>
    );
  }
  return <part.View />;
}

function Waiting({ heading }: { heading: string }) {
  return (
    <>
      <h1 tabIndex={-1}>{heading}</h1>
      <p class="hint" role="status">
        {texts.value.loading}
      </p>
    </>
  );
}
