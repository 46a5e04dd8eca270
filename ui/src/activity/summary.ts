/** The figures as a sentence. */
import { texts } from "../texts";
import type { Figures } from "./figures";
import { sizeWords } from "./size";

export function summaryWords({ changes, builds, fetches, not_modified, bytes_saved }: Figures): string {
  return texts.value.activity.summary(changes, builds, fetches, not_modified, sizeWords(bytes_saved));
}
