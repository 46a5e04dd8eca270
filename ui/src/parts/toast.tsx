/** Short messages at the page's foot, with something that can be done about them. Said by screen readers. */
import { signal } from "@preact/signals";
import { useEffect, useState } from "preact/hooks";
import { texts } from "../texts";
import { keepFocus } from "./focus";
import { Icon } from "./icon";

export interface Toast {
  id: number;
  text: string;
  isError?: boolean;
  /** What its button says and does. */
  action?: { label: string; run: () => void };
  /** How long it stays, milliseconds; errors stay until they are closed. */
  life?: number;
  /** Called when it goes away, by itself or by hand. */
  onGone?: () => void;
}

const LIFE_MS = 6_000;

export const toasts = signal<Toast[]>([]);
let made = 0;

/** Show a message; the number to take it away with. */
export function say(text: string, options: Omit<Toast, "id" | "text"> = {}): number {
  made += 1;
  // Three at the most, or they would cover the page: what only tells goes first.
  const shown = [...toasts.value];
  if (shown.length > 2) {
    const plain = shown.findIndex((toast) => !toast.action && !toast.isError);
    shown.splice(Math.max(plain, 0), 1);
  }
  toasts.value = [...shown, { id: made, text, ...options }];
  return made;
}

export function dismiss(id: number): void {
  for (const toast of toasts.value) if (toast.id === id) toast.onGone?.();
  keepFocus();
  toasts.value = toasts.value.filter((toast) => toast.id !== id);
}

export function Toasts() {
  return (
    <div class="toasts" role="status" aria-live="polite">
      {toasts.value.map((toast) => (
        <ToastRow key={toast.id} toast={toast} />
      ))}
    </div>
  );
}

function ToastRow({ toast }: { toast: Toast }) {
  const [held, setHeld] = useState(false); // by a pointer or the focus: it must not vanish under either
  useEffect(() => {
    if (held || toast.isError) return;
    const timer = setTimeout(() => dismiss(toast.id), toast.life ?? LIFE_MS);
    return () => clearTimeout(timer);
  }, [held, toast]);
  return (
    <div
      class={toast.isError ? "toast error" : "toast"}
      onPointerEnter={() => setHeld(true)}
      onPointerLeave={() => setHeld(false)}
      onFocusIn={() => setHeld(true)}
      onFocusOut={() => setHeld(false)}
    >
      <span dir="auto">{toast.text}</span>
      {toast.action && (
        <button
          type="button"
          onClick={() => {
            dismiss(toast.id);
            toast.action?.run();
          }}
        >
          {toast.action.label}
        </button>
      )}
      <button type="button" class="quiet icon-button" aria-label={texts.value.close} onClick={() => dismiss(toast.id)}>
        <Icon name="close" />
      </button>
    </div>
  );
}
