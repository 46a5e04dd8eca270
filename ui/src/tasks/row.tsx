/** One task in the list. */
import { memo } from "preact/compat";
import { Icon } from "../parts/icon";
import { deadlineWords } from "../parts/words";
import type { Task } from "../store/tasks";
import { texts } from "../texts";
import { removeAll, tick } from "./actions";
import { edit } from "./editing";
import { isOverdue } from "./filters";
import { isSelecting, selectedKeys, selectTo, toggle } from "./selection";

interface Props {
  task: Task;
  /** Whether the Tab key leads into this row. */
  isActive: boolean;
  isSelected: boolean;
}

/** The cells of a row; drawn again only when its task or its state has changed. */
export const TaskCells = memo(function TaskCells({ task, isActive, isSelected }: Props) {
  const t = texts.value.tasks;
  const overdue = isOverdue(task);
  const tabIndex = isActive ? 0 : -1;
  return (
    <>
      <div role="gridcell" class="tick">
        {isSelecting.value ? (
          <input
            type="checkbox"
            class="select"
            tabIndex={tabIndex}
            checked={isSelected}
            aria-label={t.selectOne(task.title)}
            onClick={(event) => {
              if (event.shiftKey) selectTo(task.key);
              else toggle(task.key);
            }}
          />
        ) : (
          <input
            type="checkbox"
            tabIndex={tabIndex}
            checked={task.completed}
            aria-label={t.tickOne(task.title)}
            onChange={(event) => tick([task], event.currentTarget.checked)}
          />
        )}
      </div>
      <div role="gridcell" class="body">
        <span class="title" dir="auto">
          {task.title}
        </span>
        {(task.deadline_at !== null || task.tags.length > 0 || task.priority > 0 || task.isWaiting) && (
          <span class="about">
            {task.deadline_at !== null && (
              <time class={overdue ? "overdue" : undefined} dateTime={task.deadline_at}>
                <Icon name={overdue ? "warning" : "clock"} />
                {overdue && `${t.overdue}: `}
                {deadlineWords(task.deadline_at)}
              </time>
            )}
            {task.priority > 0 && <span class="chip">{t.priority(task.priority)}</span>}
            {task.tags.map((tag) => (
              <span key={tag} class="chip" dir="auto">
                #{tag}
              </span>
            ))}
            {task.isWaiting && (
              <span class="waits" title={t.waits}>
                <Icon name="waiting" />
                <span class="unseen">{t.waits}</span>
              </span>
            )}
          </span>
        )}
        {task.description && (
          <span class="description" dir="auto">
            {task.description}
          </span>
        )}
      </div>
      <div role="gridcell" class="actions">
        <button
          type="button"
          class="quiet icon-button"
          tabIndex={tabIndex}
          aria-label={t.editOne(task.title)}
          onClick={() => edit(task.key)}
        >
          <Icon name="edit" />
        </button>
        <button
          type="button"
          class="quiet icon-button"
          tabIndex={tabIndex}
          aria-label={t.deleteOne(task.title)}
          onClick={() => removeAll([task])}
        >
          <Icon name="delete" />
        </button>
      </div>
    </>
  );
});

/** A click on the row itself: selects with the keys that select, or where rows are being selected; otherwise edits. */
export function clickRow(event: MouseEvent, task: Task): void {
  const { target } = event;
  if (!(target instanceof Element) || target.closest("input, button, form")) return;
  if (event.shiftKey) selectTo(task.key);
  else if (event.ctrlKey || event.metaKey || isSelecting.value) toggle(task.key);
  else if (target.closest(".title, .description") && !selectedKeys.value.size && !isTextSelected()) edit(task.key);
}

function isTextSelected(): boolean {
  return (getSelection()?.toString() ?? "") !== "";
}
