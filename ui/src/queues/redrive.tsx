/** Moves the dead letters of a queue back, and shows how far that is. */
import { useState } from "preact/hooks";
import { Failure } from "../api";
import { Dialog } from "../parts/dialog";
import type { QueuePlace } from "../router";
import { number, texts } from "../texts";
import { type Details, type Move, redrive, troubleWords } from "./answers";
import { isRunning, useMove } from "./moves";
import { sources } from "./sources";

const PER_SECOND_MAX = 500;

export function Redrive({ place, details }: { place: QueuePlace; details: Details }) {
  const t = texts.value.queues;
  const { move, failure, begin } = useMove(place);
  const [isAsking, setAsking] = useState(false);
  const running = isRunning(move);
  return (
    <>
      {sources.value && !sources.value.is_writable && (
        <p class="hint">
          {t.readOnly} <code>QUEUES_WRITABLE=true</code>
        </p>
      )}
      {sources.value?.is_writable && (
        <div class="row">
          <button
            type="button"
            aria-disabled={running}
            onClick={() => {
              if (!running) setAsking(true);
            }}
          >
            {t.redrive}
          </button>
          <span class="hint grow">{t.redriveHint}</span>
        </div>
      )}
      {running && move && <Progress move={move} />}
      <div role="status">
        {failure && (
          <p class="note error" dir="auto">
            {t.moveFailed(troubleWords(failure))}
          </p>
        )}
        {move && move.status !== "NONE" && <p dir="auto">{moveWords(move)}</p>}
      </div>
      {isAsking && (
        <Question
          place={place}
          details={details}
          onBegun={(begun) => {
            setAsking(false);
            begin(begun);
          }}
          onClose={() => setAsking(false)}
        />
      )}
    </>
  );
}

/** What is said of a move: while it runs not how far it is, or a screen reader would speak all the time. */
function moveWords({ status, moved, reason }: Move): string {
  const t = texts.value.queues;
  switch (status) {
    case "COMPLETED":
      return t.moved(moved);
    case "CANCELLED":
      return t.cancelled(moved);
    case "FAILED":
      return t.moveBroke(moved, reason ?? "");
    default:
      return t.moving;
  }
}

function Progress({ move: { moved, total } }: { move: Move }) {
  const t = texts.value.queues;
  const words = total === null ? number(moved) : t.movedOf(number(moved), number(total));
  return (
    <label class="progress">
      <span>{t.progress}</span>
      {total === null ? <progress /> : <progress max={Math.max(total, moved, 1)} value={moved} />}
      <span class="hint">{words}</span>
    </label>
  );
}

interface QuestionProps {
  place: QueuePlace;
  details: Details;
  onBegun: (move: Move) => void;
  onClose: () => void;
}

function Question({ place, details, onBegun, onClose }: QuestionProps) {
  const t = texts.value.queues;
  const [problem, setProblem] = useState<Failure | "rate" | null>(null);
  const [isSending, setSending] = useState(false);

  async function submit(event: SubmitEvent): Promise<void> {
    event.preventDefault();
    if (isSending) return;
    const form = new FormData(event.currentTarget as HTMLFormElement);
    const typed = String(form.get("rate") ?? "").trim();
    const rate = typed === "" ? null : Number(typed);
    if (rate !== null && (!/^\d+$/.test(typed) || rate < 1 || rate > PER_SECOND_MAX)) {
      setProblem("rate");
      return;
    }
    setSending(true);
    try {
      onBegun(await redrive(place, String(form.get("to") ?? "") || null, rate));
    } catch (error) {
      if (!(error instanceof Failure)) throw error;
      setProblem(error);
      setSending(false);
    }
  }

  const isWrongRate = problem === "rate" || (problem instanceof Failure && problem.field === "per_second");
  return (
    <Dialog title={t.redriveHeading(place.name)} onClose={onClose}>
      <form class="form" onSubmit={(event) => void submit(event)} noValidate>
        <p>{t.redriveWords(details.available ?? 0)}</p>
        <label class="field">
          <span>{t.to}</span>
          <select name="to">
            <option value="">{t.toSources}</option>
            {details.dead_letters_of.map((name) => (
              <option key={name} value={name}>
                {name}
              </option>
            ))}
          </select>
        </label>
        <label class="field">
          <span>
            {t.rate} <small class="hint">{t.rateHint(number(PER_SECOND_MAX))}</small>
          </span>
          <input name="rate" inputMode="numeric" autocomplete="off" aria-invalid={isWrongRate} />
        </label>
        {problem && (
          <p class="note error" role="alert" dir="auto">
            {problem === "rate" ? t.notRate(number(PER_SECOND_MAX)) : troubleWords(problem)}
          </p>
        )}
        <div class="buttons">
          <button type="button" onClick={onClose}>
            {texts.value.cancel}
          </button>
          <button type="submit" class="primary" aria-disabled={isSending}>
            {t.redriveAction}
          </button>
        </div>
      </form>
    </Dialog>
  );
}
