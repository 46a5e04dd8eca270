/** A figure that says much, within `<dl class="tiles">`, and perhaps a word on what it comes to. */
import "../styles/figures.css";

export function Tile({ name, value, hint }: { name: string; value: string; hint?: string }) {
  return (
    <div class="card">
      <dt>{name}</dt>
      <dd>{value}</dd>
      {hint !== undefined && <dd class="hint">{hint}</dd>}
    </div>
  );
}
