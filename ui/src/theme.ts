/** The page's colors: the system's choice, unless a person made another. */
import { signal } from "@preact/signals";
import { recall, remember } from "./kept";

export const THEMES = ["system", "light", "dark"] as const;
export type Theme = (typeof THEMES)[number];

const KEPT_AS = "theme";

export const theme = signal<Theme>(THEMES.find((one) => one === recall(KEPT_AS)) ?? "system");

export function chooseTheme(chosen: Theme): void {
  theme.value = chosen;
  remember(KEPT_AS, chosen);
  applyTheme();
}

export function applyTheme(): void {
  document.documentElement.dataset.theme = theme.value;
}
