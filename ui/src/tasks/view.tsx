/** The view of tasks: add, find, tick, change. */
import { keepFocus } from "../parts/focus";
import { failureWords } from "../parts/line";
import { failure, isWhole, state, sync } from "../store/mirror";
import { tasks } from "../store/tasks";
import { texts } from "../texts";
import { AddTask } from "./add";
import { counts, filter, search, shown, tag } from "./filters";
import { TaskList } from "./list";
import { MoveDialog } from "./move";
import { moving } from "./moving";
import { clearSelection, isSelecting } from "./selection";
import { Filters, SelectionBar } from "./tools";
import "../styles/tasks.css";

export function TasksView() {
  const t = texts.value.tasks;
  return (
    <>
      <div class="row heading">
        <h1 tabIndex={-1}>{t.heading}</h1>
        <p class="hint" role="status">
          {state.value === "known" &&
            `${t.count(shown.value.length, tasks.value.length)}, ${t.open(counts.value.open)}`}
          {state.value === "known" && !isWhole.value && !failure.value && ` · ${texts.value.loading}`}
        </p>
      </div>
      <AddTask />
      <Filters />
      <Content />
      <SelectionBar />
      {moving.value && (
        <MoveDialog
          tasks={moving.value}
          onClose={() => {
            keepFocus(); // what opened it goes with the selection
            moving.value = null;
            clearSelection();
            isSelecting.value = false;
          }}
        />
      )}
    </>
  );
}

function Content() {
  const t = texts.value.tasks;
  if (state.value === "waiting" && failure.value && !tasks.value.length) {
    return (
      <div class="empty" role="alert">
        <p>
          <strong>{t.failed}</strong>
        </p>
        <p>{failureWords(failure.value)}</p>
        <button type="button" onClick={() => void sync()}>
          {texts.value.retry}
        </button>
      </div>
    );
  }
  if (state.value === "waiting" && !tasks.value.length) return <Waiting />;
  if (shown.value.length) return <TaskList />;
  if (!tasks.value.length) return <Empty heading={t.empty} hint={t.emptyHint} />;
  const isAllDone = filter.value === "open" && tag.value === null && search.value.trim() === "";
  return (
    <Empty heading={isAllDone ? t.allDone : t.noneFound} hint={isAllDone ? t.allDoneHint : t.noneFoundHint}>
      <button
        type="button"
        onClick={() => {
          filter.value = "all";
          tag.value = null;
          search.value = "";
        }}
      >
        {t.showAll}
      </button>
    </Empty>
  );
}

function Empty({ heading, hint, children }: { heading: string; hint: string; children?: preact.ComponentChildren }) {
  return (
    <div class="empty">
      <p>
        <strong>{heading}</strong>
      </p>
      <p>{hint}</p>
      {children}
    </div>
  );
}

/** Rows to come, so that the page does not jump when they are there. */
function Waiting() {
  return (
    <div class="ghosts">
      <p class="unseen" role="status">
        {texts.value.loading}
      </p>
      {[1, 2, 3, 4, 5].map((row) => (
        <div key={row} class="card ghost" />
      ))}
    </div>
  );
}
