/** One of a few, all of them seen. */

interface Props<Name extends string> {
  legend: string;
  /** What it is called among the page's other choices. */
  group: string;
  names: readonly Name[];
  chosen: Name;
  words: Record<Name, string>;
  onChoose: (name: Name) => void;
}

export function Choice<Name extends string>({ legend, group, names, chosen, words, onChoose }: Props<Name>) {
  return (
    <fieldset>
      <legend class="unseen">{legend}</legend>
      <div class="segments">
        {names.map((name) => (
          <label key={name}>
            <input type="radio" name={group} value={name} checked={name === chosen} onChange={() => onChoose(name)} />
            {words[name]}
          </label>
        ))}
      </div>
    </fieldset>
  );
}
