/** The four figures that say most, each with a word on what it comes to. */
import { Tile } from "../parts/tile";
import { locale, number, texts } from "../texts";
import type { Figures } from "./figures";
import { sizeWords } from "./size";

export function Tiles({ totals }: { totals: Figures }) {
  const t = texts.value.activity;
  const { changes, bells, builds, fetches, not_modified: notModified } = totals;
  const whole = fetches - notModified;
  const toABuild = builds ? Math.round(changes / builds) : 0;
  const saved = sizeWords(totals.bytes_saved);
  return (
    <dl class="tiles">
      <Tile name={t.changes} value={number(changes)} hint={toABuild ? t.toABuild(toABuild) : ""} />
      <Tile name={t.builds} value={number(builds)} hint={t.afterBells(bells)} />
      <Tile
        name={t.fetches}
        value={number(fetches)}
        hint={whole ? t.sentWhole(whole, sizeWords(totals.bytes_sent)) : t.noneWhole}
      />
      <Tile
        name={t.notModified}
        value={number(notModified)}
        hint={fetches ? t.share(share(notModified / fetches), saved) : t.notSent(saved)}
      />
    </dl>
  );
}

/** Rounded down: 100 % is all of them. */
function share(value: number): string {
  return new Intl.NumberFormat(locale.value, { style: "percent" }).format(Math.floor(value * 100) / 100);
}
