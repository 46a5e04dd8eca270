/** The colors that a feed can have: those of CSS level 2, which every calendar app knows. */
import { texts } from "../texts";

/** A small picture of a color; its name stands beside it, or does not matter. */
export function Swatch({ color }: { color: string }) {
  const colors: Record<string, string> = texts.value.subscribe.form.colors;
  return (
    <svg class="swatch" viewBox="0 0 16 16" role="img" aria-label={colors[color] ?? color}>
      <circle cx="8" cy="8" r="7" fill={color} />
    </svg>
  );
}
