/** What has no way back, asked before it is done: a new address, none, no feed. */
import { useState } from "preact/hooks";
import { Failure } from "../api";
import { Confirm } from "../parts/dialog";
import { failureWords } from "../parts/line";
import { say } from "../parts/toast";
import { texts } from "../texts";
import { type Feed, nameOf, remove, revoke, rotate } from "./feeds";

export type Decision = "rotate" | "revoke" | "delete";

const ACTS: Record<Decision, (feed: Feed) => Promise<void>> = { rotate, revoke, delete: remove };

/** `onDone` is called after it was done, before `onClose`. */
export function Decide(props: { decision: Decision; feed: Feed; onDone: () => void; onClose: () => void }) {
  const { decision, feed } = props;
  const t = texts.value.subscribe.confirm;
  const [failure, setFailure] = useState<Failure | null>(null);
  const [isBusy, setBusy] = useState(false);
  const name = nameOf(feed);
  const words = {
    rotate: { title: t.rotate(name), warning: t.rotateWords, action: t.rotateAction, done: t.rotated(name) },
    revoke: { title: t.revoke(name), warning: t.revokeWords, action: t.revokeAction, done: t.revoked(name) },
    delete: { title: t.delete(name), warning: t.deleteWords, action: t.deleteAction, done: t.deleted(name) },
  }[decision];

  async function act(): Promise<void> {
    if (isBusy) return;
    setBusy(true);
    setFailure(null);
    try {
      await ACTS[decision](feed);
      say(words.done);
      props.onDone();
      props.onClose();
    } catch (error) {
      if (!(error instanceof Failure)) throw error;
      setFailure(error);
      setBusy(false);
    }
  }

  return (
    <Confirm
      title={words.title}
      action={failure ? texts.value.retry : words.action}
      onConfirm={() => void act()}
      onClose={props.onClose}
    >
      <p>{words.warning}</p>
      <div role="status">
        {isBusy && <p class="hint">{texts.value.loading}</p>}
        {failure && <p class="note error">{failureWords(failure)}</p>}
      </div>
    </Confirm>
  );
}
