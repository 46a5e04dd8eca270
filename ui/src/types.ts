/** What the API gives and takes, as `/openapi.json` describes it. */

export interface Values {
  title: string;
  description: string | null;
  completed: boolean;
  /** `2026-05-01`, `2026-05-01T10:00:00`, or `2026-05-01T10:00:00Z`. */
  deadline_at: string | null;
  /** 1 is the highest, 9 the lowest, 0 none. */
  priority: number;
  tags: string[];
}

export interface Todo extends Values {
  id: number;
  /** Number of edits. */
  sequence: number;
  /** UTC without zone, as all of these. */
  created_at: string;
  updated_at: string;
  completed_at: string | null;
}

export interface List {
  id: number;
  name: string;
  time_zone: string | null;
  revision: number;
}

/** Some of a list's todos; `stamp` is another after each change of one of them. */
export interface Chunk {
  number: number;
  stamp: string;
  todos: Todo[];
}

export interface SyncAnswer {
  /** Another one is another server with other tasks, though its address is the same. */
  installation: string;
  list: List;
  chunks: Chunk[];
  gone: number[];
  more: boolean;
}

export interface EditResult {
  id: number;
  status: number;
  error?: string;
  todo?: Todo;
}

export const LIST_ID = 1;
export const TITLE_MAX = 255;
export const DESCRIPTION_MAX = 10_000;
export const TAGS_MAX = 20;
export const TAG_MAX = 50;
export const CHANGES_MAX = 10_000;
