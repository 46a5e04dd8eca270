/** Which rows of a long list are drawn: those on the screen, a few around them, and the one with the focus. */
import {
  defaultRangeExtractor,
  measureElement,
  observeWindowOffset,
  observeWindowRect,
  Virtualizer,
  windowScroll,
} from "@tanstack/virtual-core";
import type { RefObject } from "preact";
import { useLayoutEffect, useReducer, useState } from "preact/hooks";

const ROW_HEIGHT = 62;
const AROUND = 8;

/** `kept` is the index of a row that stays drawn wherever one scrolls: a row that vanishes takes the focus with it. */
export function useRows(count: number, keyAt: (index: number) => string, kept: number, place: RefObject<HTMLElement>) {
  const [, redraw] = useReducer((turn: number) => turn + 1, 0);
  const [margin, setMargin] = useState(0);
  const options = {
    count,
    getItemKey: keyAt,
    getScrollElement: () => window,
    estimateSize: () => ROW_HEIGHT,
    overscan: AROUND,
    scrollMargin: margin,
    scrollPaddingStart: 80,
    scrollPaddingEnd: 110,
    gap: 8,
    initialOffset: () => window.scrollY,
    observeElementRect: observeWindowRect,
    observeElementOffset: observeWindowOffset,
    scrollToFn: windowScroll,
    measureElement,
    rangeExtractor: (range: Parameters<typeof defaultRangeExtractor>[0]) => {
      const indexes = defaultRangeExtractor(range);
      if (kept >= 0 && kept < count && !indexes.includes(kept)) indexes.push(kept);
      return indexes.sort((a, b) => a - b);
    },
    onChange: () => redraw(undefined),
  };
  const [rows] = useState(() => new Virtualizer<Window, HTMLElement>(options));
  rows.setOptions(options);
  useLayoutEffect(() => rows._didMount(), [rows]);
  useLayoutEffect(() => {
    rows._willUpdate();
    const top = place.current ? place.current.getBoundingClientRect().top + window.scrollY : 0;
    if (Math.abs(top - margin) > 1) setMargin(top);
  });
  return rows;
}
