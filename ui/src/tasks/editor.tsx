/** The fields of a task, to be changed in its place or in a dialog. */
import { useSignal } from "@preact/signals";
import { useEffect, useLayoutEffect, useRef } from "preact/hooks";
import { deadlineOf, readingOf, skippedTo } from "../deadline";
import { change, listZone, type Task } from "../store/tasks";
import { texts } from "../texts";
import { DESCRIPTION_MAX, TAG_MAX, TAGS_MAX, TITLE_MAX, type Values } from "../types";
import { sayUndoable } from "./actions";
import { drafts } from "./editing";

interface Props {
  task: Task;
  /** Called when it is saved or left. */
  onDone: () => void;
}

export function TaskEditor({ task, onDone }: Props) {
  const t = texts.value.tasks;
  const first = useRef<HTMLInputElement>(null);
  const draft = useRef(drafts.get(task.key)).current;
  const before = useRef(draft?.before ?? task).current; // as it was when the editing began: that is what is changed
  const form = useRef<HTMLFormElement>(null);
  const isOver = useRef(false);
  const reading = before.deadline_at === null ? null : readingOf(before.deadline_at, listZone.value);
  const day = useSignal(draft?.fields.day ?? reading?.day ?? "");
  const time = useSignal(draft?.fields.time ?? reading?.time ?? "");
  const problem = useSignal<{ field: string; words: string } | null>(null);
  useEffect(() => {
    first.current?.focus();
    first.current?.setSelectionRange(10_000, 10_000);
  }, []);
  useLayoutEffect(() => {
    const element = form.current;
    return () => {
      if (isOver.current || !element) drafts.delete(before.key);
      else
        drafts.set(before.key, { before, fields: Object.fromEntries(new FormData(element)) as Record<string, string> });
    };
  }, [before]);
  const skipped = day.value && time.value ? skippedTo({ day: day.value, time: time.value }) : null;

  function leave() {
    isOver.current = true;
    onDone();
  }

  function submit(event: SubmitEvent) {
    event.preventDefault();
    const fields = new FormData(event.currentTarget as HTMLFormElement);
    const text = (name: string) => String(fields.get(name) ?? "");
    const typed = text("tags")
      .split(",")
      .map((tag) => tag.trim());
    // Left as it was, it may hold tags with a comma in them, which other clients can make.
    const isLeft = text("tags") === before.tags.join(", ");
    const tags = isLeft ? before.tags : [...new Set(typed.filter(Boolean))];
    problem.value = problemOf(text("title"), text("description"), tags, day.value, time.value);
    if (problem.value) {
      (event.currentTarget as HTMLFormElement).querySelector<HTMLElement>(`[name="${problem.value.field}"]`)?.focus();
      return;
    }
    const isMoved = day.value !== (reading?.day ?? "") || time.value !== (reading?.time ?? "");
    const wanted: Partial<Values> = {
      title: text("title").trim(),
      description: text("description") || null,
      priority: Number(text("priority")),
      tags,
      ...(isMoved ? { deadline_at: deadlineFrom(day.value, time.value, before.deadline_at) } : {}),
    };
    const changed = Object.fromEntries(
      Object.entries(wanted).filter(
        ([name, value]) => JSON.stringify(value) !== JSON.stringify(before[name as keyof Values]),
      ),
    );
    if (Object.keys(changed).length)
      sayUndoable(
        texts.value.settings.saved,
        change([before], () => changed),
      );
    leave();
  }

  const invalid = (field: string) => problem.value?.field === field;
  return (
    <form
      ref={form}
      class="editor form"
      onSubmit={submit}
      onKeyDown={(event) => {
        if (event.key === "Escape") {
          event.preventDefault();
          event.stopPropagation();
          leave();
        } else if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) event.currentTarget.requestSubmit();
      }}
    >
      <label class="field">
        <span>{t.title}</span>
        <input
          ref={first}
          name="title"
          defaultValue={draft?.fields.title ?? before.title}
          dir="auto"
          autocomplete="off"
          aria-invalid={invalid("title")}
        />
      </label>
      <div class="pair">
        <label class="field">
          <span>{t.day}</span>
          <input
            type="date"
            name="day"
            max="9999-12-31"
            value={day.value}
            aria-invalid={invalid("day")}
            onInput={(event) => {
              day.value = event.currentTarget.value;
            }}
          />
        </label>
        <label class="field">
          <span>
            {t.time} <small class="hint">{t.timeHint}</small>
          </span>
          <input
            type="time"
            name="time"
            value={time.value}
            onInput={(event) => {
              time.value = event.currentTarget.value;
            }}
          />
        </label>
        <label class="field">
          <span>{t.priorityField}</span>
          <select name="priority" defaultValue={draft?.fields.priority ?? String(before.priority)}>
            {[0, 1, 2, 3, 4, 5, 6, 7, 8, 9].map((level) => (
              <option key={level} value={level} selected={level === Number(draft?.fields.priority ?? before.priority)}>
                {level === 0
                  ? t.priorityNone
                  : level === 1
                    ? t.priorityHighest
                    : level === 9
                      ? t.priorityLowest
                      : level}
              </option>
            ))}
          </select>
        </label>
      </div>
      {skipped && <p class="note warning">{t.skipped(skipped)}</p>}
      <label class="field">
        <span>
          {t.tags} <small class="hint">{t.tagsHint}</small>
        </span>
        <input
          name="tags"
          defaultValue={draft?.fields.tags ?? before.tags.join(", ")}
          dir="auto"
          autocomplete="off"
          aria-invalid={invalid("tags")}
        />
      </label>
      <label class="field">
        <span>{t.description}</span>
        <textarea
          name="description"
          rows={3}
          dir="auto"
          defaultValue={draft?.fields.description ?? before.description ?? ""}
          aria-invalid={invalid("description")}
        />
      </label>
      {problem.value && (
        <p class="note error" role="alert">
          {problem.value.words}
        </p>
      )}
      <div class="buttons">
        <button type="button" onClick={leave}>
          {texts.value.cancel}
        </button>
        <button type="submit" class="primary">
          {texts.value.save}
        </button>
      </div>
    </form>
  );
}

function deadlineFrom(day: string, time: string, before: string | null): string | null {
  return day === "" ? null : deadlineOf({ day, time: time || null }, listZone.value, before);
}

function problemOf(title: string, description: string, tags: string[], day: string, time: string) {
  const t = texts.value.tasks;
  const length = [...title].length;
  if (title.trim() === "") return { field: "title", words: t.blank };
  if (length > TITLE_MAX) return { field: "title", words: t.tooLong(length) };
  if ([...description].length > DESCRIPTION_MAX) return { field: "description", words: t.descriptionTooLong };
  if (tags.length > TAGS_MAX || tags.some((tag) => [...tag].length > TAG_MAX))
    return { field: "tags", words: t.tooManyTags };
  if (time && !day) return { field: "day", words: t.timeNeedsDay };
  return null;
}
