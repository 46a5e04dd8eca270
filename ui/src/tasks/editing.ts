/** Which task is edited in its row, and what was typed into editors that went away unfinished: nothing typed is lost. */
import { signal } from "@preact/signals";
import type { Task } from "../store/tasks";

/** The key of the task that is edited in its row. */
export const editedKey = signal<string | null>(null);

/** By the task's key: the task as it was when its editing began, and the fields as they were left. */
export const drafts = new Map<string, { before: Task; fields: Record<string, string> }>();

/** Edit a task in its row. What is being edited is saved first; where that is refused, it stays. */
export function edit(key: string): void {
  if (editedKey.value !== null && editedKey.value !== key) {
    document.querySelector<HTMLFormElement>(".rows form.editor")?.requestSubmit();
    if (document.querySelector(".rows form.editor [aria-invalid=true]")) return;
  }
  editedKey.value = key;
}
