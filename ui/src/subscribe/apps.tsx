/** The calendar apps that a feed can be given to: how, and how soon each sees a change. */
import { signal } from "@preact/signals";
import { Icon } from "../parts/icon";
import { texts } from "../texts";
import type { Feed } from "./feeds";
import { APPS, type App, STEPS } from "./steps";
import { recall, remember } from "../kept";

const KEPT_AS = "calendarApp";

/** The one chosen, for all feeds: people have one calendar app. */
const chosen = signal<App>(APPS.find((app) => app === recall(KEPT_AS)) ?? "google");

function choose(app: App): void {
  chosen.value = app;
  remember(KEPT_AS, app);
}

export function Apps({ feed, url }: { feed: Feed; url: string }) {
  const t = texts.value.subscribe.apps;
  const app = chosen.value;
  const Steps = STEPS[app];
  return (
    <details class="apps" open={feed.is_default}>
      <summary>{t.heading}</summary>
      <div class="stack">
        <fieldset>
          <legend class="unseen">{t.legend}</legend>
          <div class="segments">
            {APPS.map((name) => (
              <label key={name}>
                <input type="radio" name={`app-${feed.id}`} checked={name === app} onChange={() => choose(name)} />
                {t.names[name]}
              </label>
            ))}
          </div>
        </fieldset>
        <div class="prose">
          <p class="hint">
            <Icon name="clock" /> {t.delay(t.delays[app])}
          </p>
          <Steps feed={feed} url={url} />
        </div>
      </div>
    </details>
  );
}
