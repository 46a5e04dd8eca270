/** The feed doctor: whether a feed is in order, and who reads it how often. Asked when it is opened. */
import { useState } from "preact/hooks";
import { call, Failure } from "../api";
import { Icon } from "../parts/icon";
import { failureWords } from "../parts/line";
import { texts } from "../texts";
import type { Feed } from "./feeds";
import { type Reader, Readers } from "./readers";

interface Check {
  id: string;
  status: "ok" | "warning" | "problem";
  message: string;
  hint: string;
}

interface Report {
  verdict: string;
  problems: number;
  warnings: number;
  components: { checked: number; total: number };
  checks: Check[];
}

/** `report` is null while the feed has no address, or no calendar yet. */
interface Health {
  report: Report | null;
  read_by: Reader[];
}

type Answer =
  { kind: "none" } | { kind: "waiting" } | { kind: "found"; health: Health } | { kind: "failed"; failure: Failure };

export function Doctor({ feed }: { feed: Feed }) {
  const t = texts.value.subscribe.doctor;
  const [answer, setAnswer] = useState<Answer>({ kind: "none" });

  async function examine(): Promise<void> {
    if (answer.kind === "waiting") return;
    setAnswer({ kind: "waiting" });
    try {
      setAnswer({ kind: "found", health: await call<Health>("GET", `feeds/${feed.id}/doctor`) });
    } catch (error) {
      if (!(error instanceof Failure)) throw error;
      setAnswer({ kind: "failed", failure: error });
    }
  }

  return (
    <details class="doctor" onToggle={(event) => event.currentTarget.open && void examine()}>
      <summary>{t.heading}</summary>
      <div class="stack">
        <div role="status">
          {answer.kind === "waiting" && <p class="note">{t.checking}</p>}
          {answer.kind === "failed" && <p class="note error">{t.failed(failureWords(answer.failure))}</p>}
          {answer.kind === "found" && <p>{verdictWords(answer.health.report)}</p>}
        </div>
        {answer.kind === "found" && (
          <>
            <Findings checks={answer.health.report?.checks ?? []} />
            <Readers readers={answer.health.read_by} />
          </>
        )}
        <div>
          <button type="button" aria-disabled={answer.kind === "waiting"} onClick={() => void examine()}>
            {answer.kind === "failed" ? texts.value.retry : t.again}
          </button>
        </div>
      </div>
    </details>
  );
}

function verdictWords(report: Report | null): string {
  const t = texts.value.subscribe.doctor;
  if (!report) return t.nothing;
  const { verdict, checks, problems, warnings, components } = report;
  return [
    t.verdicts[verdict] ?? verdict,
    t.counts(checks.length, problems, warnings),
    t.components(components.checked, components.total),
  ].join(" ");
}

/** What is not in order, in the server's words. */
function Findings({ checks }: { checks: Check[] }) {
  const t = texts.value.subscribe.doctor;
  const found = checks.filter(({ status }) => status !== "ok");
  if (!found.length) return null;
  return (
    <ul class="checks">
      {found.map(({ id, status, message, hint }) => (
        <li key={id} class={status === "problem" ? "note error" : "note warning"}>
          <Icon name="warning" />
          <div>
            <strong>{status === "problem" ? t.problem : t.warning}</strong> <span lang="en">{message}</span>{" "}
            {hint && <span lang="en">{hint}</span>}
          </div>
        </li>
      ))}
    </ul>
  );
}
