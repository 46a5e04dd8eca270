/** A feed: what it shows, its address, the apps to give it to, and what can be done with it. */
import { useRef, useState } from "preact/hooks";
import { sizeWords } from "../activity/size";
import { Failure } from "../api";
import { Icon } from "../parts/icon";
import { failureWords } from "../parts/line";
import { say } from "../parts/toast";
import { locale, texts } from "../texts";
import { Address } from "./address";
import { Apps } from "./apps";
import { Swatch } from "./color";
import { Decide, type Decision } from "./decisions";
import { Doctor } from "./doctor";
import { type Feed, nameOf, rotate } from "./feeds";
import { FeedForm } from "./form";
import { showsWords } from "./shows";

/** `onGone` is called when it was deleted: the focus needs another place. */
export function FeedCard({ feed, onGone }: { feed: Feed; onGone: () => void }) {
  const t = texts.value.subscribe.feed;
  const heading = useRef<HTMLHeadingElement>(null);
  const [open, setOpen] = useState<Decision | "change" | null>(null);
  const name = nameOf(feed);

  /** After what took the focused button away. */
  function focusHeading(): void {
    requestAnimationFrame(() => heading.current?.focus());
  }

  function settle(decision: Decision): void {
    if (decision === "delete") onGone();
    else if (decision === "revoke") focusHeading();
  }

  return (
    <li class="card stack">
      <div>
        <h3 ref={heading} tabIndex={-1} dir="auto">
          {feed.color && <Swatch color={feed.color} />} {name} {feed.is_default && <span class="badge">{t.first}</span>}
        </h3>
        <p class="hint">{builtWords(feed)}</p>
      </div>
      <ul class="shows" aria-label={t.shows}>
        {showsWords(feed).map((words) => (
          <li key={words}>{words}</li>
        ))}
      </ul>
      {feed.failure && (
        <p class="note error">
          {t.failure} <span lang="en">{feed.failure}</span>
        </p>
      )}
      {feed.warnings.length > 0 && (
        <ul class="warnings" lang="en">
          {feed.warnings.map((words) => (
            <li key={words} class="note warning">
              <Icon name="warning" /> <span>{words}</span>
            </li>
          ))}
        </ul>
      )}
      {feed.url && <Address feed={feed} url={feed.url} />}
      {feed.revoked && <Revoked feed={feed} onDone={focusHeading} />}
      {feed.url && <Apps feed={feed} url={feed.url} />}
      <Doctor feed={feed} />
      <div class="row feedTools">
        <button type="button" aria-label={t.changeOf(name)} onClick={() => setOpen("change")}>
          {t.change}
        </button>
        {!feed.revoked && (
          <>
            <button type="button" aria-label={t.rotateOf(name)} onClick={() => setOpen("rotate")}>
              {t.rotate}
            </button>
            <button type="button" aria-label={t.revokeOf(name)} onClick={() => setOpen("revoke")}>
              {t.revoke}
            </button>
          </>
        )}
        {!feed.is_default && (
          <button type="button" aria-label={t.deleteOf(name)} onClick={() => setOpen("delete")}>
            {t.delete}
          </button>
        )}
      </div>
      {open === "change" && <FeedForm feed={feed} onClose={() => setOpen(null)} />}
      {open !== null && open !== "change" && (
        <Decide decision={open} feed={feed} onDone={() => settle(open)} onClose={() => setOpen(null)} />
      )}
    </li>
  );
}

/** `onDone` is called when it has an address again, and this is gone. */
function Revoked({ feed, onDone }: { feed: Feed; onDone: () => void }) {
  const t = texts.value;
  const [failure, setFailure] = useState<Failure | null>(null);
  const [isBusy, setBusy] = useState(false);
  const name = nameOf(feed);

  async function renew(): Promise<void> {
    if (isBusy) return;
    setBusy(true);
    setFailure(null);
    try {
      await rotate(feed);
      say(t.subscribe.confirm.rotated(name));
      onDone();
    } catch (error) {
      if (!(error instanceof Failure)) throw error;
      setFailure(error);
      setBusy(false);
    }
  }

  return (
    <div class="note row">
      <span>
        {t.subscribe.feed.revoked} {failure && failureWords(failure)}
      </span>
      <button
        type="button"
        aria-label={failure ? t.retry : t.subscribe.feed.rotateOf(name)}
        aria-disabled={isBusy}
        onClick={() => void renew()}
      >
        {failure ? t.retry : t.subscribe.feed.rotate}
      </button>
    </div>
  );
}

function builtWords(feed: Feed): string {
  const t = texts.value.subscribe.feed;
  if (feed.bytes === null || feed.built_at === null) return t.unbuilt;
  const at = new Intl.DateTimeFormat(locale.value, { dateStyle: "medium", timeStyle: "short" }).format(
    new Date(`${feed.built_at}Z`),
  );
  return t.built(sizeWords(feed.bytes), feed.todos ?? 0, at);
}
