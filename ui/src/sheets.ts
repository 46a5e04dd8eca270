/** Which sheet lies over the page: the keys, the settings, or none. */
import { signal } from "@preact/signals";

export const sheet = signal<"help" | "settings" | null>(null);
