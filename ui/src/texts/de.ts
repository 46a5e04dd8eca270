/** Every text of the page, in German. */
import { en, type Texts } from "./en";

export const de: Texts = { ...en, language: "Deutsch" };
