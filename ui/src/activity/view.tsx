/** What happened to the list lately, in figures, as a picture and as a table. */
import { Choice } from "../parts/choice";
import { useHash } from "../parts/hash";
import { failureWords } from "../parts/line";
import { ViewLink } from "../parts/link";
import { texts } from "../texts";
import { Chart } from "./chart";
import { type Activity, isEmpty, useActivity } from "./figures";
import { SPANS } from "./span";
import { summaryWords } from "./summary";
import { FiguresTable } from "./table";
import { Tiles } from "./tiles";
import "../styles/figures.css";

export function ActivityView() {
  const t = texts.value;
  const [span, setSpan] = useHash(SPANS);
  const { activity, failure, retry } = useActivity(span);
  // Those of another span stay while the new ones are on their way, and not when they do not come.
  const shown = failure && activity?.span !== span ? null : activity;
  return (
    <div class="stack activity">
      <div>
        <h1 tabIndex={-1}>{t.views.activity}</h1>
        <p class="hint">{t.activity.hint}</p>
      </div>
      <Choice
        legend={t.activity.spanLegend}
        group="span"
        names={SPANS}
        chosen={span}
        words={t.activity.spans}
        onChoose={setSpan}
      />
      <div role="status">
        {failure && (
          <div class="note error row">
            <span>
              {t.activity.failed(failureWords(failure))} {shown && t.activity.stale} {t.activity.retrying}
            </span>
            <button type="button" onClick={retry}>
              {t.retry}
            </button>
          </div>
        )}
        {!activity && !failure && <p class="hint">{t.loading}</p>}
      </div>
      {shown && (
        <section class="stack" aria-label={t.activity.figures} aria-busy={shown.span !== span}>
          {isEmpty(shown.totals) ? <Nothing /> : <Shown activity={shown} />}
        </section>
      )}
      <p class="hint">
        {t.activity.feeds} <ViewLink to="subscribe">{t.activity.feedsLink}</ViewLink>
      </p>
    </div>
  );
}

function Shown({ activity }: { activity: Activity }) {
  return (
    <>
      <p class="summary">{summaryWords(activity.totals)}</p>
      <Tiles totals={activity.totals} />
      <div class="card">
        <Chart activity={activity} />
        <FiguresTable activity={activity} />
      </div>
    </>
  );
}

function Nothing() {
  const t = texts.value.activity;
  return (
    <div class="empty">
      <p>
        <strong>{t.empty}</strong>
      </p>
      <p>
        <ViewLink to="tasks">{t.emptyTasks}</ViewLink> {t.emptyOr}{" "}
        <ViewLink to="subscribe">{t.emptySubscribe}</ViewLink>. {t.emptyThen}
      </p>
    </div>
  );
}
