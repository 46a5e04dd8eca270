/** How a calendar app is told the address: a link where there is one, steps where there is none. */
import type { ComponentChildren } from "preact";
import { Icon } from "../parts/icon";
import { texts } from "../texts";
import { type Feed, nameOf } from "./feeds";
import { hostOf, reachOf } from "./reach";

export const APPS = ["google", "apple", "outlook", "thunderbird", "other"] as const;
export type App = (typeof APPS)[number];

interface Props {
  feed: Feed;
  url: string;
}

export const STEPS: Record<App, (props: Props) => ComponentChildren> = {
  google: GoogleSteps,
  apple: AppleSteps,
  outlook: OutlookSteps,
  thunderbird: () => <Steps steps={texts.value.subscribe.apps.thunderbird.steps} />,
  other: () => <Steps steps={texts.value.subscribe.apps.other.steps} />,
};

function GoogleSteps({ feed, url }: Props) {
  const t = texts.value.subscribe.apps.google;
  if (reachOf(url) !== "internet") return <OutOfReach url={url} />;
  return (
    <>
      <Out href={`https://calendar.google.com/calendar/r?cid=${encodeURIComponent(feed.webcal_url ?? url)}`}>
        {t.link}
      </Out>
      <Steps steps={t.steps} />
      <p>{t.phone}</p>
    </>
  );
}

function AppleSteps({ feed, url }: Props) {
  const t = texts.value.subscribe.apps;
  return (
    <>
      {reachOf(url) !== "internet" && <Nearby url={url} />}
      <div>
        <a class="button" href={feed.webcal_url ?? url}>
          <Icon name="subscribe" />
          {t.apple.link}
        </a>
      </div>
      <h4>{t.apple.mac}</h4>
      <Steps steps={t.apple.macSteps} />
      <h4>{t.apple.phone}</h4>
      <Steps steps={t.apple.phoneSteps} />
    </>
  );
}

function OutlookSteps({ feed, url }: Props) {
  const t = texts.value.subscribe.apps.outlook;
  const query = new URLSearchParams({ url, name: nameOf(feed) });
  return (
    <>
      {reachOf(url) === "internet" ? (
        <>
          <Out href={`https://outlook.live.com/calendar/0/addfromweb?${query}`}>{t.link}</Out>
          <h4>{t.web}</h4>
          <Steps steps={t.webSteps} />
        </>
      ) : (
        <OutOfReach url={url} />
      )}
      <h4>{t.classic}</h4>
      <Steps steps={t.classicSteps} />
    </>
  );
}

function Steps({ steps }: { steps: string[] }) {
  return (
    <ol>
      {steps.map((step) => (
        <li key={step}>{step}</li>
      ))}
    </ol>
  );
}

/** A link to another site, which must not learn where it was followed. */
function Out({ href, children }: { href: string; children: ComponentChildren }) {
  return (
    <div>
      <a class="button" href={href} target="_blank" rel="noreferrer">
        <Icon name="subscribe" />
        {children}
      </a>
    </div>
  );
}

/** Where the address can be read from, when that is not everywhere. */
function Nearby({ url }: { url: string }) {
  const t = texts.value.subscribe.apps;
  return <p class="note warning">{reachOf(url) === "machine" ? t.machine(hostOf(url)) : t.network(hostOf(url))}</p>;
}

function OutOfReach({ url }: { url: string }) {
  const t = texts.value.subscribe.apps;
  return (
    <div class="note warning">
      {t.fromInternet} {reachOf(url) === "machine" ? t.machine(hostOf(url)) : t.network(hostOf(url))} {t.wayOut}
    </div>
  );
}
