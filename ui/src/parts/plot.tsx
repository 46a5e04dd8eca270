/** Room for a picture of figures over time, and below it what the pointer is on, in words. */
import type { ComponentChildren } from "preact";
import { useEffect, useRef, useState } from "preact/hooks";
import "../styles/figures.css";

interface Props {
  /** How many parts the time has. */
  columns: number;
  /** How many lanes the picture has: its height, which must not hang on its width. */
  lanes: number;
  /** What the columns are of: of another span, none is pointed at any more. */
  span: string;
  /** Draws it so many pixels wide. */
  picture: (width: number, pointed: number | null) => ComponentChildren;
  /** The figures that the pointer is on, or how to read the picture. */
  reading: (pointed: number | null) => ComponentChildren;
}

export function Plot({ columns, lanes, span, picture, reading }: Props) {
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
  useEffect(() => setPointed(null), [span]);

  function point(event: PointerEvent): void {
    const box = place.current?.getBoundingClientRect();
    if (!box) return;
    const index = Math.floor(((event.clientX - box.left) / box.width) * columns);
    setPointed(Math.min(Math.max(index, 0), columns - 1));
  }

  function leave(event: PointerEvent): void {
    if (event.pointerType !== "touch") setPointed(null); // a finger that is lifted leaves, too
  }

  return (
    <>
      <div
        ref={place}
        class="chart"
        data-lanes={lanes}
        onPointerMove={point}
        onPointerDown={point}
        onPointerLeave={leave}
      >
        {width > 0 && picture(width, pointed)}
      </div>
      <p class="hint reading">{reading(pointed)}</p>
    </>
  );
}
