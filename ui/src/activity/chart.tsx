/** The picture of the figures, and what is under the pointer in words. Its other form for everybody is the table. */
import { useEffect, useRef, useState } from "preact/hooks";
import { texts } from "../texts";
import type { Activity } from "./figures";
import { Picture } from "./picture";
import { rangeWords } from "./times";

export function Chart({ activity }: { activity: Activity }) {
  const place = useRef<HTMLDivElement>(null);
  const [width, setWidth] = useState(0);
  const [pointed, setPointed] = useState<number | null>(null);
  useEffect(() => {
    const element = place.current;
    if (!element) return;
    const observer = new ResizeObserver(() => setWidth(element.clientWidth));
    observer.observe(element);
    return () => observer.disconnect();
  }, []);
  useEffect(() => setPointed(null), [activity.span]);

  function point(event: PointerEvent): void {
    const box = place.current?.getBoundingClientRect();
    if (!box) return;
    const index = Math.floor(((event.clientX - box.left) / box.width) * activity.series.length);
    setPointed(Math.min(Math.max(index, 0), activity.series.length - 1));
  }

  function leave(event: PointerEvent): void {
    if (event.pointerType !== "touch") setPointed(null); // a finger that is lifted leaves, too
  }

  return (
    <>
      <div ref={place} class="chart" onPointerMove={point} onPointerDown={point} onPointerLeave={leave}>
        {width > 0 && <Picture activity={activity} width={width} pointed={pointed} />}
      </div>
      <Reading activity={activity} pointed={pointed} />
    </>
  );
}

/** The figures that the pointer is on, or how to read the picture. */
function Reading({ activity, pointed }: { activity: Activity; pointed: number | null }) {
  const t = texts.value.activity;
  const part = pointed === null ? undefined : activity.series[pointed];
  if (!part) {
    return (
      <p class="hint reading">
        {t.each[activity.span]} {t.key} <span class="key done">{t.keyWhole}</span>{" "}
        <span class="key saved">{t.keySaved}</span>
      </p>
    );
  }
  const { changes, builds, fetches, not_modified: notModified } = part;
  return (
    <p class="hint reading">{t.reading(rangeWords(activity, part.from), changes, builds, fetches, notModified)}</p>
  );
}
