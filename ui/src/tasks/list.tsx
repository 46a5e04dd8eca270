/**
 * The tasks as a grid of rows, of which only those on the screen are drawn: a table cannot be drawn in part. All keys
 * of its rows are here.
 */
import { useEffect, useLayoutEffect, useRef } from "preact/hooks";
import { keepFocus } from "../parts/focus";
import { singleKeys } from "../shortcuts";
import type { Task } from "../store/tasks";
import { texts } from "../texts";
import { removeAll, tick } from "./actions";
import { edit, editedKey } from "./editing";
import { TaskEditor } from "./editor";
import { shown } from "./filters";
import { moving } from "./moving";
import { clickRow, TaskCells } from "./row";
import { useRows } from "./rows";
import { activeKey, clearSelection, selectAll, selected, selectedKeys, selectTo, toggle } from "./selection";

const PAGE = 10;

export function TaskList() {
  const t = texts.value.tasks;
  const some = shown.value;
  const place = useRef<HTMLDivElement>(null);
  const found = activeKey.value === null ? -1 : some.findIndex((task) => task.key === activeKey.value);
  const lastIndex = useRef(0);
  const active = found >= 0 ? found : Math.min(lastIndex.current, some.length - 1);
  const wanted = useRef<string | null>(null); // the key of the row that gets the focus once it is drawn
  const hadFocus = useRef(false);
  const rows = useRows(some.length, (index) => some[index]?.key ?? String(index), active, place);

  function focusRow(index: number) {
    const task = some[index];
    if (!task) return;
    activeKey.value = task.key;
    wanted.current = task.key;
    rows.scrollToIndex(index, { align: "auto" });
    place.current?.querySelector<HTMLElement>(`[data-key="${CSS.escape(task.key)}"]`)?.focus({ preventScroll: true });
  }

  useLayoutEffect(() => {
    if (found >= 0) lastIndex.current = found;
    const element =
      wanted.current && place.current?.querySelector<HTMLElement>(`[data-key="${CSS.escape(wanted.current)}"]`);
    if (element) {
      if (!element.contains(document.activeElement)) element.focus({ preventScroll: true });
      wanted.current = null;
    }
  });
  // A row that is ticked out of sight, or deleted, leaves the focus to the one in its place.
  useEffect(() => {
    if (!hadFocus.current || document.activeElement !== document.body) return;
    focusRow(active);
  });
  useEffect(() => keepFocus, []); // the last row went

  function press(event: KeyboardEvent, task: Task, index: number) {
    const isRow = event.target === event.currentTarget;
    if (event.key === "Escape" && !isRow) {
      focusRow(index);
      return;
    }
    if (!isRow || event.altKey) return;
    const isCommand = event.ctrlKey || event.metaKey;
    if (!isCommand && !singleKeys.value && /^[a-z]$/i.test(event.key)) return;
    const to: Record<string, number> = {
      ArrowDown: index + 1,
      ArrowUp: index - 1,
      j: index + 1,
      k: index - 1,
      PageDown: index + PAGE,
      PageUp: index - PAGE,
      Home: 0,
      End: some.length - 1,
    };
    const next = isCommand ? undefined : to[event.key];
    const affected = selectedKeys.value.has(task.key) ? selected.value : [task];
    if (next !== undefined) {
      const index = Math.min(Math.max(next, 0), some.length - 1);
      focusRow(index);
      if (event.shiftKey) selectTo(some[index]?.key ?? "", task.key);
    } else if (event.key === "a" && isCommand) selectAll();
    else if (isCommand) return;
    else if (event.key === " ") tick(affected, !task.completed);
    else if (event.key === "Enter" || event.key === "e") edit(task.key);
    else if (event.key === "Delete") remove(affected);
    else if (event.key === "x") toggle(task.key);
    else if (event.key === "m") moving.value = affected;
    else if (event.key === "Escape" && selectedKeys.value.size) clearSelection();
    else return;
    event.preventDefault();
  }

  function remove(some: Task[]) {
    clearSelection();
    removeAll(some);
  }

  function stopEditing(task: Task) {
    editedKey.value = null;
    wanted.current = task.key;
  }

  return (
    <div
      ref={place}
      class="rows"
      role="grid"
      aria-label={t.heading}
      aria-multiselectable="true"
      aria-rowcount={some.length}
      style={{ height: `${rows.getTotalSize()}px` }}
      onFocusIn={() => {
        hadFocus.current = true;
      }}
      onFocusOut={(event) => {
        // Without a target it went with its row, or out of the window; to anywhere else it was taken on purpose.
        if (event.relatedTarget && !place.current?.contains(event.relatedTarget as Node)) hadFocus.current = false;
      }}
    >
      {rows.getVirtualItems().map(({ index, key, start }) => {
        const task = some[index];
        if (!task) return null;
        const isSelected = selectedKeys.value.has(task.key);
        const isEdited = editedKey.value === task.key;
        return (
          <div
            key={key}
            ref={rows.measureElement}
            role="row"
            data-index={index}
            data-key={task.key}
            aria-rowindex={index + 1}
            aria-selected={isSelected}
            tabIndex={index === active ? 0 : -1}
            class={`card task${task.completed ? " done" : ""}`}
            style={{ transform: `translateY(${start - rows.options.scrollMargin}px)` }}
            onKeyDown={(event) => press(event, task, index)}
            onClick={(event) => clickRow(event, task)}
            onFocusIn={() => {
              if (activeKey.value !== task.key) activeKey.value = task.key;
            }}
          >
            {isEdited ? (
              <div role="gridcell" class="editing">
                <TaskEditor task={task} onDone={() => stopEditing(task)} />
              </div>
            ) : (
              <TaskCells task={task} isActive={index === active} isSelected={isSelected} />
            )}
          </div>
        );
      })}
    </div>
  );
}
