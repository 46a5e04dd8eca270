/** A queue's name, as a link to it. */
import { ViewLink } from "../parts/link";
import { hasAddress } from "../router";

export function QueueLink({ source, name }: { source: string; name: string }) {
  if (!hasAddress({ source, name })) return <bdi>{name}</bdi>;
  return (
    <ViewLink to="queues" queue={{ source, name }}>
      <bdi>{name}</bdi>
    </ViewLink>
  );
}
