/** Calls the API. Knows how a call can fail, and nothing of what is asked. */
import { ROOT } from "./root";

const ANSWER_SECONDS = 15;

/**
 * Why a call has no answer that can be used.
 *
 * `unreachable`: nothing came back; the change may have been made all the same. `timeout`: the same, after 15 seconds.
 * `trouble`: the server has a fault (5xx) or something in between answered. `refused`: it said no (4xx); `message` is its word.
 */
export type FailureKind = "unreachable" | "timeout" | "trouble" | "refused";

export class Failure extends Error {
  readonly kind: FailureKind;
  readonly status: number;
  readonly field: string | null;
  /** How long the server asks to wait, seconds. */
  readonly retryAfter: number | null;

  constructor(
    kind: FailureKind,
    message = "",
    status = 0,
    field: string | null = null,
    retryAfter: number | null = null,
  ) {
    super(message);
    this.kind = kind;
    this.status = status;
    this.field = field;
    this.retryAfter = retryAfter;
  }

  /** Whether the same call may go well later. */
  get passes(): boolean {
    return this.kind !== "refused" || this.status === 408 || this.status === 429;
  }
}

export interface CallOptions {
  headers?: Record<string, string>;
  /** Lets the call outlive the page; its body has at most 64 kB then. */
  keepalive?: boolean;
  signal?: AbortSignal;
}

/** The answer's JSON. `path` is below `api/v1/`. Throws `Failure`. */
export async function call<T>(method: string, path: string, content?: unknown, options: CallOptions = {}): Promise<T> {
  const timeout = AbortSignal.timeout(ANSWER_SECONDS * 1_000);
  let response: Response;
  let text: string;
  try {
    response = await fetch(`${ROOT}api/v1/${path}`, {
      method,
      headers: { ...(content === undefined ? {} : { "Content-Type": "application/json" }), ...options.headers },
      ...(content === undefined ? {} : { body: JSON.stringify(content) }),
      keepalive: options.keepalive ?? false,
      signal: options.signal ? AbortSignal.any([timeout, options.signal]) : timeout,
    });
    text = await response.text();
  } catch {
    throw new Failure(timeout.aborted ? "timeout" : "unreachable");
  }
  const body = parsed(text);
  if (response.ok && body !== undefined) return body as T;
  const said = body as { error?: unknown; field?: unknown } | undefined;
  const words = typeof said?.error === "string" ? said.error : "";
  const field = typeof said?.field === "string" ? said.field : null;
  const retryAfter = Number(response.headers.get("Retry-After")) || null;
  const isRefusal = response.status >= 400 && response.status < 500 && words !== "";
  throw new Failure(isRefusal ? "refused" : "trouble", words, response.status, field, retryAfter);
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined; // the page of a proxy in between
  }
}
