/** Copies a field's text, also where the browser withholds the clipboard: it gives it to pages over HTTPS alone. */
export async function copyField(field: HTMLInputElement): Promise<boolean> {
  try {
    if (navigator.clipboard) {
      await navigator.clipboard.writeText(field.value);
      return true;
    }
  } catch {
    // not allowed: the old way may be
  }
  field.focus();
  field.select();
  return document.execCommand("copy");
}
