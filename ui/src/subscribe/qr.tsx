/** An address as a QR code, for a phone's camera. The part that makes it is loaded when it is first asked for. */
import { useEffect, useState } from "preact/hooks";
import { Dialog } from "../parts/dialog";
import { texts } from "../texts";
import { type Feed, nameOf } from "./feeds";
import { hostOf, reachOf } from "./reach";

/** Modules of white around it; readers need four (ISO/IEC 18004). */
const QUIET = 4;

type Kind = "url" | "webcal";

export function QrDialog({ feed, url, onClose }: { feed: Feed; url: string; onClose: () => void }) {
  const t = texts.value.subscribe;
  const [kind, setKind] = useState<Kind>("url");
  const addresses: Record<Kind, string> = { url, webcal: feed.webcal_url ?? url };
  const kinds: Kind[] = ["url", "webcal"];
  return (
    <Dialog title={t.qr.heading(nameOf(feed))} onClose={onClose}>
      {reachOf(url) === "machine" && <p class="note warning">{t.apps.machine(hostOf(url))}</p>}
      <fieldset>
        <legend class="unseen">{t.qr.legend}</legend>
        <div class="segments">
          {kinds.map((name) => (
            <label key={name}>
              <input type="radio" name="qr" checked={kind === name} onChange={() => setKind(name)} />
              {t.qr.kinds[name]}
            </label>
          ))}
        </div>
      </fieldset>
      <Code text={addresses[kind]} label={t.qr.label(nameOf(feed))} />
      <p class="hint">{addresses[kind]}</p>
      <p class="hint">{t.qr.hint}</p>
    </Dialog>
  );
}

function Code({ text, label }: { text: string; label: string }) {
  const t = texts.value;
  const [rows, setRows] = useState<boolean[][] | "waiting" | "failed">("waiting");
  const [turn, setTurn] = useState(0);
  useEffect(() => {
    let isGone = false;
    import("uqr").then(
      ({ encode }) => isGone || setRows(encode(text, { border: 0, ecc: "M" }).data),
      () => isGone || setRows("failed"),
    );
    return () => {
      isGone = true;
    };
  }, [text, turn]);
  if (rows === "waiting") {
    return (
      <p class="qr hint" role="status">
        {t.loading}
      </p>
    );
  }
  if (rows === "failed") {
    return (
      <div class="note error row" role="alert">
        {t.subscribe.qr.failed}
        <button type="button" onClick={() => setTurn(turn + 1)}>
          {t.retry}
        </button>
      </div>
    );
  }
  const size = rows.length + 2 * QUIET;
  return (
    <svg class="qr" viewBox={`0 0 ${size} ${size}`} role="img" aria-label={label} shape-rendering="crispEdges">
      <rect width={size} height={size} />
      <path d={outline(rows)} />
    </svg>
  );
}

/** The black modules as one path, a stretch of a row each. */
function outline(rows: boolean[][]): string {
  const parts: string[] = [];
  for (const [y, row] of rows.entries()) {
    for (let x = 0; x < row.length; x += 1) {
      if (!row[x]) continue;
      const first = x;
      while (row[x + 1]) x += 1;
      const length = x - first + 1;
      parts.push(`M${first + QUIET} ${y + QUIET}h${length}v1h-${length}z`);
    }
  }
  return parts.join("");
}
