/** Which tasks are selected, and which row has the focus. */
import { computed, signal } from "@preact/signals";
import { tasks } from "../store/tasks";
import { shown } from "./filters";

export const selectedKeys = signal<ReadonlySet<string>>(new Set());

/** Whether a click on a row selects it: for those without a keyboard. */
export const isSelecting = signal(false);

/** The key of the row that the Tab key leads to. */
export const activeKey = signal<string | null>(null);

/** Where a range begins. */
let anchor: string | null = null;

export const selected = computed(() => {
  const keys = selectedKeys.value;
  return keys.size ? tasks.value.filter((task) => keys.has(task.key)) : [];
});

export function toggle(key: string): void {
  const keys = new Set(selectedKeys.value);
  if (!keys.delete(key)) keys.add(key);
  selectedKeys.value = keys;
  anchor = key;
}

/** Select from where the last selection began to this task, as they are shown. */
export function selectTo(key: string, from: string | null = null): void {
  const keys = shown.value.map((task) => task.key);
  anchor ??= from;
  const begin = keys.indexOf(anchor ?? key);
  const end = keys.indexOf(key);
  if (end < 0) return;
  const [low, high] = begin < 0 ? [end, end] : [Math.min(begin, end), Math.max(begin, end)];
  selectedKeys.value = new Set(keys.slice(low, high + 1));
}

export function selectAll(): void {
  selectedKeys.value = new Set(shown.value.map((task) => task.key));
}

export function clearSelection(): void {
  selectedKeys.value = new Set();
  anchor = null;
}
