/** The tasks that a person is about to move, null while none. */
import { signal } from "@preact/signals";
import type { Task } from "../store/tasks";

export const moving = signal<Task[] | null>(null);
