/** Keys that work everywhere, and the sheet that tells of all of them. */
import { signal } from "@preact/signals";
import { useEffect } from "preact/hooks";
import { Dialog } from "./parts/dialog";
import { go, VIEWS, view } from "./router";
import { sheet } from "./sheets";
import { undoLast } from "./tasks/actions";
import { texts } from "./texts";
import { recall, remember } from "./kept";

const KEPT_AS = "single-keys";

/** Whether single letters are shortcuts; some people's software types letters where they mean words. */
export const singleKeys = signal(recall(KEPT_AS) !== "off");

export function chooseSingleKeys(wanted: boolean): void {
  singleKeys.value = wanted;
  remember(KEPT_AS, wanted ? "on" : "off");
}

/** Listen to the keys that work everywhere, while the frame stands. */
export function useShortcuts(): void {
  useEffect(() => {
    addEventListener("keydown", press);
    return () => removeEventListener("keydown", press);
  }, []);
}

function press(event: KeyboardEvent): void {
  const { target } = event;
  const isTyping =
    target instanceof Element &&
    target.closest("input:not([type=checkbox], [type=radio]), textarea, select, [contenteditable]");
  if (event.defaultPrevented || isTyping || document.querySelector("dialog[open]")) return;
  if ((event.ctrlKey || event.metaKey) && !event.shiftKey && event.key === "z") {
    event.preventDefault();
    undoLast();
    return;
  }
  if (event.ctrlKey || event.metaKey || event.altKey || !singleKeys.value) return;
  const name = VIEWS[Number(event.key) - 1];
  if (event.key === "?") sheet.value = "help";
  else if (event.key === "n") focusIn("add");
  else if (event.key === "ArrowDown" && document.activeElement === document.body && view.value === "tasks") {
    document.querySelector<HTMLElement>(".rows > [role=row][tabindex='0']")?.focus();
  } else if (event.key === "/") focusIn("search");
  else if (event.key === "u") undoLast();
  else if (name) go(name);
  else return;
  event.preventDefault();
}

function focusIn(id: string): void {
  if (view.value !== "tasks") go("tasks");
  const field = document.getElementById(id);
  // At once, where it is there: what is typed next belongs to it.
  if (field) field.focus();
  else requestAnimationFrame(() => requestAnimationFrame(() => document.getElementById(id)?.focus()));
}

export function Help() {
  const t = texts.value.help;
  const { keys } = t;
  const everywhere: [string, string][] = [
    ["?", keys.help],
    ["n", keys.add],
    ["/", keys.search],
    ["1 2 3 4 5", keys.views],
    ["u", keys.undo],
    ["Esc", keys.close],
  ];
  const inTasks: [string, string][] = [
    ["↓ ↑", keys.move],
    ["Home End", keys.ends],
    ["Space", keys.tick],
    ["Enter", keys.edit],
    ["Delete", keys.delete],
    ["m", keys.date],
    ["x", keys.select],
    ["Shift ↓", keys.range],
    ["Ctrl A", keys.all],
  ];
  return (
    <Dialog
      title={t.heading}
      wide
      onClose={() => {
        sheet.value = null;
      }}
    >
      <div class="pair">
        <KeyTable heading={t.everywhere} rows={everywhere} />
        <KeyTable heading={t.inTasks} rows={inTasks} />
      </div>
      <p class="hint">{t.off}</p>
    </Dialog>
  );
}

function KeyTable({ heading, rows }: { heading: string; rows: [string, string][] }) {
  return (
    <section class="keys">
      <h3>{heading}</h3>
      <dl>
        {rows.map(([names, meaning]) => (
          <div key={names}>
            <dt>
              {names.split(" ").map((name) => (
                <kbd key={name}>{name}</kbd>
              ))}
            </dt>
            <dd>{meaning}</dd>
          </div>
        ))}
      </dl>
    </section>
  );
}
