/** A feed's address: to copy, to open, to point a phone at. */
import { useEffect, useRef, useState } from "preact/hooks";
import { Icon } from "../parts/icon";
import { say } from "../parts/toast";
import { texts } from "../texts";
import { copyField } from "./copy";
import { type Feed, nameOf } from "./feeds";
import { QrDialog } from "./qr";

const COPIED_MS = 4_000;

export function Address({ feed, url }: { feed: Feed; url: string }) {
  const t = texts.value.subscribe.feed;
  const field = useRef<HTMLInputElement>(null);
  const [copiedAt, setCopiedAt] = useState(0);
  const [isShown, setShown] = useState(false);
  const name = nameOf(feed);
  useEffect(() => {
    if (!copiedAt) return;
    const timer = setTimeout(() => setCopiedAt(0), COPIED_MS);
    return () => clearTimeout(timer);
  }, [copiedAt]);

  async function copy(): Promise<void> {
    if (!field.current) return;
    const isCopied = await copyField(field.current);
    if (isCopied) {
      setCopiedAt(Date.now());
      say(t.copiedOf(name));
    } else {
      field.current.select();
      say(t.uncopied, { isError: true });
    }
  }

  return (
    <div class="address">
      <input
        ref={field}
        type="text"
        readOnly
        spellcheck={false}
        value={url}
        aria-label={t.address(name)}
        onFocus={() => field.current?.select()}
      />
      <button
        type="button"
        class="copy"
        aria-label={`${copiedAt ? t.copied : t.copy}: ${t.address(name)}`}
        onClick={() => void copy()}
      >
        <Icon name={copiedAt ? "check" : "copy"} />
        {copiedAt ? t.copied : t.copy}
      </button>
      <button type="button" aria-label={t.qrOf(name)} onClick={() => setShown(true)}>
        <Icon name="qr" />
        {t.qr}
      </button>
      {feed.webcal_url && (
        <a class="button" href={feed.webcal_url} aria-label={t.subscribeTo(name)}>
          <Icon name="subscribe" />
          {t.subscribe}
        </a>
      )}
      {isShown && <QrDialog feed={feed} url={url} onClose={() => setShown(false)} />}
    </div>
  );
}
