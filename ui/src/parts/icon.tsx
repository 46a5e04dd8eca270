/** The page's icons, drawn on 24 by 24; never the only name of what they stand for. */

const PATHS = {
  tasks: "M9 6h11M9 12h11M9 18h11M4 6l1 1 2-2M4 12l1 1 2-2M4 18l1 1 2-2",
  calendar: "M4 6h16v14H4zM4 10h16M8 3v5M16 3v5",
  subscribe: "M6 18h.01M5 12a7 7 0 0 1 7 7M5 6a13 13 0 0 1 13 13",
  activity: "M5 20v-6M10 20V9M15 20v-9M20 20V4",
  queues: "M3 6h5v5H3zM3 14h5v5H3zM11 8.5h10M11 16.5h10M18 5.5l3 3-3 3M18 13.5l3 3-3 3",
  settings: "M4 7h10M18 7h2M4 17h2M10 17h10M16 5v4M8 15v4",
  close: "M6 6l12 12M18 6L6 18",
  edit: "M5 19l1-4L16 5l3 3L9 18zM14 7l3 3",
  delete: "M5 7h14M10 7V4h4v3M7 7l1 13h8l1-13M10 11v5M14 11v5",
  check: "M5 12l5 5 9-10",
  move: "M4 6h16v14H4zM4 10h16M9 15h6M13 12.5l2.5 2.5-2.5 2.5",
  select: "M4 5h6v6H4zM14 8h6M4 14h6v6H4zM14 17h6",
  search: "M11 5a6 6 0 1 1 0 12 6 6 0 0 1 0-12M15.5 15.5L20 20",
  clock: "M12 4a8 8 0 1 1 0 16 8 8 0 0 1 0-16M12 8v4l3 2",
  warning: "M12 4l9 16H3zM12 10v4M12 17h.01",
  offline: "M4 4l16 16M8.5 15.5a5 5 0 0 1 7 0M5 12a10 10 0 0 1 4-2.4M19 12a10 10 0 0 0-5-2.8M12 19h.01",
  help: "M9 9a3 3 0 1 1 4 2.8c-.7.4-1 .9-1 1.7M12 17h.01",
  copy: "M9 9h11v11H9zM5 15H4V4h11v1",
  qr: "M4 4h6v6H4zM14 4h6v6h-6zM4 14h6v6H4zM14 14h2v2M20 14v2M14 20h2M20 18v2h-2",
  download: "M12 4v11M7 11l5 5 5-5M5 20h14",
  undo: "M9 7L4 12l5 5M4 12h10a6 6 0 0 1 6 6",
  plus: "M12 5v14M5 12h14",
  waiting: "M12 4v3M12 17v3M4 12h3M17 12h3",
} as const;

export type IconName = keyof typeof PATHS;

export function Icon({ name }: { name: IconName }) {
  return (
    <svg class="icon" viewBox="0 0 24 24" aria-hidden="true" focusable="false">
      <path d={PATHS[name]} />
    </svg>
  );
}
