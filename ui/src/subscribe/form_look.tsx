/** The part of a feed's form that says how calendar apps show it. */
import { list } from "../store/mirror";
import { texts } from "../texts";
import { TITLE_MAX } from "../types";
import { UNITS, type Unit } from "./draft";
import { Choice, Field, Tick } from "./field";
import type { PartProps } from "./form_content";

export function LookFields({ draft, faults, onChange }: PartProps) {
  const t = texts.value.subscribe.form;
  return (
    <fieldset class="form">
      <legend>{t.look}</legend>
      <div class="pair">
        <Field name="name" label={t.name} hint={t.nameHint} fault={faults.name}>
          {(attributes) => (
            <input
              {...attributes}
              type="text"
              maxLength={TITLE_MAX}
              dir="auto"
              placeholder={list.value?.name}
              value={draft.name}
              onInput={(event) => onChange({ ...draft, name: event.currentTarget.value })}
            />
          )}
        </Field>
        <Field name="color" label={t.color} fault={faults.color}>
          {(attributes) => (
            <Choice
              attributes={attributes}
              value={draft.color}
              options={{ "": t.noColor, ...t.colors } as Record<string, string>}
              onChoose={(color) => onChange({ ...draft, color })}
            />
          )}
        </Field>
      </div>
      <div class="pair">
        <Field name="show_as" label={t.showAs} hint={t.showAsHint} fault={faults.show_as}>
          {(attributes) => (
            <Choice
              attributes={attributes}
              value={draft.show_as}
              options={t.kinds}
              onChoose={(show_as) => onChange({ ...draft, show_as })}
            />
          )}
        </Field>
        <Field name="alarm_minutes" label={t.alarm} hint={t.alarmHint} fault={faults.alarm_minutes}>
          {(attributes) => (
            <div class="alarm">
              <input
                {...attributes}
                type="text"
                inputMode="numeric"
                value={draft.alarm_minutes}
                onInput={(event) => onChange({ ...draft, alarm_minutes: event.currentTarget.value })}
              />
              <select
                aria-label={t.alarmUnit}
                value={draft.alarm_unit}
                onChange={(event) => onChange({ ...draft, alarm_unit: event.currentTarget.value as Unit })}
              >
                {UNITS.map((unit) => (
                  <option key={unit} value={unit}>
                    {t.units[unit]}
                  </option>
                ))}
              </select>
            </div>
          )}
        </Field>
      </div>
      <Tick
        name="all_day"
        label={t.allDay}
        value={draft.all_day}
        onChange={(all_day) => onChange({ ...draft, all_day })}
      />
      <Tick
        name="busy_only"
        label={t.busyOnly}
        hint={t.busyOnlyHint}
        value={draft.busy_only}
        onChange={(busy_only) => onChange({ ...draft, busy_only })}
      />
    </fieldset>
  );
}
