/** What went through a queue and what was in it, over time. */
import { useEffect } from "preact/hooks";
import { Choice } from "../parts/choice";
import { useHash } from "../parts/hash";
import type { QueuePlace } from "../router";
import { texts } from "../texts";
import { COUNTS, type Figures, LEVELS, troubleWords } from "./answers";
import { Chart } from "./chart";
import { type Columns, columnsOf, columnsSeen, highestOf, secondsOf, SPANS, type Span } from "./columns";
import { useFigures } from "./figures";
import { type Sample, seen } from "./seen";
import { dateWords, durationWords } from "./words";

interface Props {
  place: QueuePlace;
  /** Told whether somebody counts, so that the page does not have to. */
  onCounted: (isCounted: boolean) => void;
}

export function Charts({ place, onCounted }: Props) {
  const t = texts.value.queues;
  const [span, setSpan] = useHash(SPANS);
  const { told, failure, retry } = useFigures(place, span);
  const origin = told?.figures.origin;
  useEffect(() => {
    if (origin !== undefined) onCounted(origin !== null);
  }, [origin]);
  // Those of another span stay while the new ones are on their way, and not when they do not come.
  const shown = failure && told?.span !== span ? null : told;
  return (
    <section class="stack" aria-labelledby="figures">
      <div class="row">
        <h2 id="figures">{t.figures}</h2>
        <Choice
          legend={t.spanLegend}
          group="span"
          names={SPANS}
          chosen={span}
          words={spanWords(origin ?? null)}
          onChoose={setSpan}
        />
      </div>
      <div role="status">
        {failure && (
          <div class="note error row">
            <span dir="auto">
              {t.figuresFailed(troubleWords(failure))} {shown && t.stale}
            </span>
            <button type="button" onClick={retry}>
              {texts.value.retry}
            </button>
          </div>
        )}
      </div>
      {shown && <Shown figures={shown.figures} span={shown.span} samples={seen(place)} isOld={shown.span !== span} />}
    </section>
  );
}

function spanWords(origin: Figures["origin"]): Record<Span, string> {
  return Object.fromEntries(SPANS.map((name) => [name, durationWords(secondsOf(name, origin))])) as Record<
    Span,
    string
  >;
}

interface ShownProps {
  figures: Figures;
  span: Span;
  samples: readonly Sample[];
  /** Whether another span is on its way. */
  isOld: boolean;
}

function Shown({ figures, span, samples, isOld }: ShownProps) {
  const t = texts.value.queues;
  const { origin } = figures;
  const now = Date.now() / 1_000;
  const columns = origin ? columnsOf(figures, span, now) : columnsSeen(samples, span, now);
  const levels = LEVELS.filter((measure) => origin || isKnown(columns, measure));
  return (
    <>
      <p class="hint">{originWords(origin, samples)}</p>
      <div class="charts" aria-busy={isOld}>
        {origin && <Chart title={t.flow} measures={COUNTS} columns={columns} />}
        {levels.length > 0 && <Chart title={t.levels} measures={levels} columns={columns} />}
      </div>
      {!origin && levels.length === 0 && <p class="hint">{t.noFigures}</p>}
    </>
  );
}

function isKnown(columns: Columns, measure: (typeof LEVELS)[number]): boolean {
  return highestOf(columns, measure) !== null;
}

function originWords(origin: Figures["origin"], samples: readonly Sample[]): string {
  const t = texts.value.queues;
  if (origin === "CloudWatch") return t.byCloudWatch;
  if (origin === "laboratory") return t.byLaboratory;
  const first = samples[0];
  return first ? t.byPage(dateWords(new Date(first.at * 1_000).toISOString(), { dateStyle: undefined })) : t.byNobody;
}
