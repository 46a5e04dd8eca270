/** Who may do what with a queue, as SQS keeps it. */
import type { QueuePlace } from "../router";
import { texts } from "../texts";
import type { Details } from "./answers";
import { sourceOf } from "./sources";

export function Policy({ place, policy }: { place: QueuePlace; policy: Details["policy"] }) {
  const t = texts.value.queues;
  if (!policy && sourceOf(place.source)?.kind !== "SQS") return null; // others have no such thing
  return (
    <section class="card stack" aria-labelledby="policy">
      <h2 id="policy">{t.policy}</h2>
      {policy ? (
        <pre class="code" tabIndex={0} role="region" aria-labelledby="policy">
          {JSON.stringify(policy, null, 2)}
        </pre>
      ) : (
        <p class="hint">{t.noPolicy}</p>
      )}
    </section>
  );
}
