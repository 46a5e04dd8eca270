/** The ways to get the calendar: as a file, or by subscribing to it. */
import { texts } from "../texts";
import { Download } from "./download";
import { FeedList } from "./list";
import "../styles/subscribe.css";

export function SubscribeView() {
  const t = texts.value;
  return (
    <div class="stack subscribe">
      <div>
        <h1 tabIndex={-1}>{t.views.subscribe}</h1>
        <p class="hint">{t.subscribe.hint}</p>
      </div>
      <Download />
      <FeedList />
    </div>
  );
}
