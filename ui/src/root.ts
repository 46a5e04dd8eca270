/**
 * Where the page lies. It may be served below a path, and some views lie deeper than others, so addresses are told
 * from here and not from the view's own.
 */

// From the file that this code is in: it lies one folder below the page, in `assets/`, and in `src/` while it is worked on.
const here: string = import.meta.url;

/** The page's own address; ends with a slash. */
export const ROOT = new URL("../", here).href;

/** The same without scheme and host. */
export const ROOT_PATH = new URL(ROOT).pathname;
