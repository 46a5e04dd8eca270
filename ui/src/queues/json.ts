/** JSON made readable. Pure. */

const INDENT = "  ";

/**
 * The same JSON with a line for each value, or null when it is no JSON object or array.
 *
 * Only the space between its parts is changed: reading and writing it anew would lose digits of long numbers, and keys
 * that are there twice.
 */
export function readable(text: string): string | null {
  if (!/^\s*[[{]/.test(text)) return null;
  try {
    JSON.parse(text);
  } catch {
    return null;
  }
  let depth = 0;
  let last = "";
  const line = () => `\n${INDENT.repeat(depth)}`;
  let made = "";
  for (const [part] of text.matchAll(/"(?:[^"\\]|\\.)*"|[[\]{},:]|[^\s[\]{},:"]+/g)) {
    const isEnd = part === "}" || part === "]";
    if (isEnd) depth -= 1;
    const isFirst = last === "{" || last === "[";
    if (isEnd ? !isFirst : isFirst || last === ",") made += line();
    made += part === ":" ? ": " : part;
    if (part === "{" || part === "[") depth += 1;
    last = part;
  }
  return made;
}
