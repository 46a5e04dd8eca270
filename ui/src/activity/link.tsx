/** A link to another view. */
import type { ComponentChildren } from "preact";
import { addressOf, go, type View } from "../router";

export function ViewLink({ to, children }: { to: View; children: ComponentChildren }) {
  return (
    <a
      href={addressOf(to)}
      onClick={(event) => {
        if (event.ctrlKey || event.metaKey || event.shiftKey || event.button) return; // another tab or window
        event.preventDefault();
        go(to);
      }}
    >
      {children}
    </a>
  );
}
