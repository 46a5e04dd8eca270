/** All feeds, kept fresh while they are shown. */
import { useRef, useState } from "preact/hooks";
import { useFresh } from "../parts/fresh";
import { Icon } from "../parts/icon";
import { failureWords } from "../parts/line";
import { list } from "../store/mirror";
import { texts } from "../texts";
import { FeedCard } from "./feed";
import { failure, feeds, refresh } from "./feeds";
import { FeedForm } from "./form";

const REFRESH_MS = 10_000;

export function FeedList() {
  const t = texts.value.subscribe.feeds;
  const heading = useRef<HTMLHeadingElement>(null);
  const [isMaking, setMaking] = useState(false);
  useFresh(refresh, REFRESH_MS, [list.value?.revision]); // a change of the list is built soon
  return (
    <section class="stack" aria-labelledby="feeds-heading">
      <div class="row feedsTop">
        <h2 id="feeds-heading" ref={heading} tabIndex={-1}>
          {t.heading}
        </h2>
        <button type="button" onClick={() => setMaking(true)}>
          <Icon name="plus" />
          {t.make}
        </button>
      </div>
      <p class="hint">{t.hint}</p>
      <div role="status">
        {!feeds.value && !failure.value && <p class="hint">{texts.value.loading}</p>}
        {failure.value && (
          <div class="note error row">
            <span>
              {t.failed(failureWords(failure.value))} {feeds.value && t.stale}
            </span>
            <button type="button" onClick={() => void refresh()}>
              {texts.value.retry}
            </button>
          </div>
        )}
      </div>
      {feeds.value && (
        <ul class="feeds" aria-label={t.list}>
          {feeds.value.map((feed) => (
            <FeedCard key={feed.id} feed={feed} onGone={() => requestAnimationFrame(() => heading.current?.focus())} />
          ))}
        </ul>
      )}
      {isMaking && <FeedForm feed={null} onClose={() => setMaking(false)} />}
    </section>
  );
}
