/** Keeps the focus when the element that has it goes away: browsers drop it, and a keyboard begins anew at the top. */

/** To be called before something goes. Once the page is drawn, a focus that was lost is on the active row, or the heading. */
export function keepFocus(): void {
  if (document.activeElement === document.body) return; // nothing to lose
  requestAnimationFrame(() => {
    if (document.activeElement !== document.body) return;
    const row = document.querySelector<HTMLElement>(".rows > [role=row][tabindex='0']");
    (row ?? document.querySelector<HTMLElement>("main h1"))?.focus({ preventScroll: true });
  });
}
