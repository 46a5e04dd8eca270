/** Makes a feed, or changes one: all that can be chosen of it, in a dialog. */
import { useEffect, useRef, useState } from "preact/hooks";
import { Failure } from "../api";
import { Dialog } from "../parts/dialog";
import { failureWords } from "../parts/line";
import { say } from "../parts/toast";
import { texts } from "../texts";
import { differenceOf, draftOf, faultOf, valuesOf } from "./draft";
import { change, create, type Feed, nameOf, refresh } from "./feeds";
import { ContentFields } from "./form_content";
import { LookFields } from "./form_look";

/** `feed`: the one to change, null to make one. */
export function FeedForm({ feed, onClose }: { feed: Feed | null; onClose: () => void }) {
  const t = texts.value.subscribe.form;
  const form = useRef<HTMLFormElement>(null);
  const [before] = useState(feed); // what is shown behind the dialog may change meanwhile
  const [draft, setDraft] = useState(() => draftOf(feed));
  const [faults, setFaults] = useState<Record<string, string>>({});
  const [failure, setFailure] = useState<Failure | null>(null);
  const [isBusy, setBusy] = useState(false);
  useEffect(() => {
    form.current?.querySelector<HTMLElement>("[aria-invalid]")?.focus();
  }, [faults]);

  async function send(event: Event): Promise<void> {
    event.preventDefault();
    if (isBusy) return;
    setFailure(null);
    const fault = faultOf(draft);
    if (fault) {
      setFaults({ [fault]: fault === "alarm_minutes" ? t.notAlarm : t.notDays });
      return;
    }
    setFaults({});
    setBusy(true);
    try {
      const values = valuesOf(draft);
      if (before) say(t.changed(nameOf(await change(before, differenceOf(before, values)))));
      else say(t.made(nameOf(await create(values))));
      onClose();
    } catch (error) {
      if (!(error instanceof Failure)) throw error;
      setBusy(false);
      if (error.kind === "refused" && error.field !== null && error.field in draft) {
        setFaults({ [error.field]: failureWords(error) });
      } else {
        setFailure(error);
        void refresh(); // it may have been done all the same
      }
    }
  }

  return (
    <Dialog wide title={before ? t.change(nameOf(before)) : t.make} onClose={onClose}>
      <form ref={form} class="form feedForm" noValidate onSubmit={(event) => void send(event)}>
        <ContentFields draft={draft} faults={faults} onChange={setDraft} />
        <LookFields draft={draft} faults={faults} onChange={setDraft} />
        <div role="alert">
          {failure && (
            <p class="note error">
              {failureWords(failure)} {failure.passes && t.doubt}
            </p>
          )}
        </div>
        <div class="buttons">
          <button type="button" onClick={onClose}>
            {texts.value.cancel}
          </button>
          <button type="submit" class="primary" aria-disabled={isBusy}>
            {failure ? texts.value.retry : before ? texts.value.save : t.makeAction}
          </button>
        </div>
      </form>
    </Dialog>
  );
}
