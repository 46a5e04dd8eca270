/** The queues of the broker and of SQS: all of them, or the one in the address. */
import { queue } from "../router";
import { QueueList } from "./list";
import { Queue } from "./queue";
import "../styles/queues.css";

export function QueuesView() {
  const place = queue.value;
  if (!place) return <QueueList />;
  return <Queue key={`${place.source}/${place.name}`} place={place} />;
}
