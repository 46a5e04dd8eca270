/** The part of a feed's form that says which todos are in it. */
import { TITLE_MAX } from "../types";
import { texts } from "../texts";
import { type Draft, withCompleted } from "./draft";
import { Choice, Field } from "./field";

export interface PartProps {
  draft: Draft;
  /** What is wrong, by field. */
  faults: Record<string, string>;
  onChange: (draft: Draft) => void;
}

export function ContentFields({ draft, faults, onChange }: PartProps) {
  const t = texts.value.subscribe.form;
  const { hide, ...shown } = t.finishings;
  const days = [
    { name: "past_days", label: t.past, hint: t.pastHint },
    { name: "future_days", label: t.future, hint: t.futureHint },
  ] as const;
  return (
    <fieldset class="form">
      <legend>{t.content}</legend>
      <div class="pair">
        <Field name="completed" label={t.completed} fault={faults.completed}>
          {(attributes) => (
            <Choice
              attributes={attributes}
              value={draft.completed}
              options={t.completions}
              onChoose={(completed) => onChange(withCompleted(draft, completed))}
            />
          )}
        </Field>
        <Field name="text" label={t.text} hint={t.textHint} fault={faults.text}>
          {(attributes) => (
            <input
              {...attributes}
              type="text"
              maxLength={TITLE_MAX}
              value={draft.text}
              onInput={(event) => onChange({ ...draft, text: event.currentTarget.value })}
            />
          )}
        </Field>
      </div>
      <div class="pair">
        {days.map(({ name, label, hint }) => (
          <Field key={name} name={name} label={label} hint={hint} fault={faults[name]}>
            {(attributes) => (
              <input
                {...attributes}
                type="text"
                inputMode="numeric"
                value={draft[name]}
                onInput={(event) => onChange({ ...draft, [name]: event.currentTarget.value })}
              />
            )}
          </Field>
        ))}
      </div>
      {draft.completed !== "open" && (
        <div class="pair">
          <Field name="finished" label={t.finished} fault={faults.finished}>
            {(attributes) => (
              <Choice
                attributes={attributes}
                value={draft.finished}
                options={draft.completed === "done" ? shown : { ...shown, hide }}
                onChoose={(finished) => onChange({ ...draft, finished })}
              />
            )}
          </Field>
          <Field name="finished_days" label={t.finishedDays} hint={t.finishedDaysHint} fault={faults.finished_days}>
            {(attributes) => (
              <input
                {...attributes}
                type="text"
                inputMode="numeric"
                value={draft.finished_days}
                onInput={(event) => onChange({ ...draft, finished_days: event.currentTarget.value })}
              />
            )}
          </Field>
        </div>
      )}
    </fieldset>
  );
}
