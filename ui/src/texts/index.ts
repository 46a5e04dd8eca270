/** The reader's language, and its texts. A language is one file beside this one. */
import { computed, signal } from "@preact/signals";
import { de } from "./de";
import { en, type Texts } from "./en";
import { recall, remember } from "../kept";

export const LANGUAGES: Record<string, Texts> = { en, de };

const KEPT_AS = "language";

/** The language chosen by hand, or null: the browser's. */
export const chosenLanguage = signal<string | null>(recall(KEPT_AS));

export function chooseLanguage(language: string | null): void {
  remember(KEPT_AS, language);
  chosenLanguage.value = language;
}

function first(): string {
  const wanted = [chosenLanguage.value, ...navigator.languages.map((tag) => tag.split("-")[0])];
  return wanted.find((language) => language != null && language in LANGUAGES) ?? "en";
}

export const language = computed(first);

/** The texts in the reader's language. */
export const texts = computed(() => LANGUAGES[language.value] ?? en);

/** Which locale dates and numbers are written in: the browser's, unless another language was chosen. */
export const locale = computed(() => {
  const own = navigator.languages.find((tag) => tag.split("-")[0] === language.value);
  return own ?? language.value;
});

export function number(value: number): string {
  return value.toLocaleString(locale.value);
}
