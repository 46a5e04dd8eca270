/** A field of a form: its name, a hint, and what was wrong with it, all tied together for screen readers. */
import type { ComponentChildren } from "preact";
import { useId } from "preact/hooks";

/** What the field's own element must have. */
export interface FieldAttributes {
  id: string;
  name: string;
  "aria-describedby": string | undefined;
  "aria-invalid": "true" | undefined;
}

interface Props {
  /** As the API calls it. */
  name: string;
  label: string;
  hint?: string;
  fault?: string | undefined;
  children: (attributes: FieldAttributes) => ComponentChildren;
}

export function Field({ name, label, hint, fault, children }: Props) {
  const id = useId();
  const described = [fault && `${id}-fault`, hint && `${id}-hint`].filter(Boolean).join(" ");
  return (
    <div class="field">
      <label for={id}>{label}</label>
      {children({
        id,
        name,
        "aria-describedby": described || undefined,
        "aria-invalid": fault ? "true" : undefined,
      })}
      {fault && (
        <p id={`${id}-fault`} class="fault">
          {fault}
        </p>
      )}
      {hint && (
        <p id={`${id}-hint`} class="hint">
          {hint}
        </p>
      )}
    </div>
  );
}

/** One of several, by name. */
export function Choice<Value extends string>(props: {
  attributes: FieldAttributes;
  value: Value;
  options: Partial<Record<Value, string>>;
  onChoose: (value: Value) => void;
}) {
  return (
    <select
      {...props.attributes}
      value={props.value}
      onChange={(event) => props.onChoose(event.currentTarget.value as Value)}
    >
      {Object.entries<string | undefined>(props.options).map(([value, words]) => (
        <option key={value} value={value}>
          {words}
        </option>
      ))}
    </select>
  );
}

/** Yes or no. */
export function Tick(props: {
  name: string;
  label: string;
  hint?: string;
  value: boolean;
  onChange: (value: boolean) => void;
}) {
  const id = useId();
  return (
    <div class="field">
      <label class="choice">
        <input
          type="checkbox"
          name={props.name}
          checked={props.value}
          aria-describedby={props.hint && `${id}-hint`}
          onChange={(event) => props.onChange(event.currentTarget.checked)}
        />
        {props.label}
      </label>
      {props.hint && (
        <p id={`${id}-hint`} class="hint">
          {props.hint}
        </p>
      )}
    </div>
  );
}
