/** Whose queues they are, in words, and how to see others here. */
import { texts } from "../texts";
import type { Source } from "./answers";

/** The laboratory's own port, and what leads there: as `taskoverflow lab` prints it. */
const COMMANDS = `taskoverflow lab

export AWS_ENDPOINT_URL=http://127.0.0.1:6401
export AWS_ACCESS_KEY_ID=test AWS_SECRET_ACCESS_KEY=test
export AWS_DEFAULT_REGION=us-east-1
taskoverflow up`;

/** Where it is, and whether it is AWS's own. */
export function SourceWords({ source: { address, region, emulator } }: { source: Source }) {
  const t = texts.value.queues;
  return (
    <p class="hint">
      <bdi>{address}</bdi>
      {region !== null && (
        <>
          {" · "}
          {t.region} <bdi>{region}</bdi>
        </>
      )}
      {emulator && ` · ${t.emulator}`}
    </p>
  );
}

/** How queues of SQS come to be seen here. */
export function HowToSee() {
  const t = texts.value.queues;
  return (
    <>
      <p>{t.howTo}</p>
      <pre class="code" tabIndex={0} role="region" aria-label={t.commands}>
        {COMMANDS}
      </pre>
    </>
  );
}
