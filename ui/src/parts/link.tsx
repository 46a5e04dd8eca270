/** A link to another view, or to a queue in its own. */
import type { ComponentChildren } from "preact";
import { addressOf, go, type QueuePlace, type View } from "../router";

interface Props {
  to: View;
  queue?: QueuePlace;
  children: ComponentChildren;
}

export function ViewLink({ to, queue, children }: Props) {
  return (
    <a
      href={addressOf(to, queue)}
      onClick={(event) => {
        if (event.ctrlKey || event.metaKey || event.shiftKey || event.button) return; // another tab or window
        event.preventDefault();
        go(to, queue);
      }}
    >
      {children}
    </a>
  );
}
