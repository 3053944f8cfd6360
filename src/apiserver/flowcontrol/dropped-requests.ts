/**
 * The Retry-After of rejected requests. As upstream, adjusted once a second: doubled when many were rejected, a
 * second less when few were.
 */

const retryAfterMaxSeconds = 32;

interface Dropped {
  second: number;
  requests: number;
  /** Of the seconds before `second`. */
  history: { readonly second: number; readonly requests: number }[];
  retryAfterSeconds: number;
  raisedSecond: number;
}

export class DroppedRequests {
  readonly #byLevel = new Map<string, Dropped>();

  record(level: string, nowMs: number): void {
    const second = Math.floor(nowMs / 1000);
    let dropped = this.#byLevel.get(level);
    if (!dropped) {
      dropped = { second: 0, requests: 0, history: [], retryAfterSeconds: 1, raisedSecond: 0 };
      this.#byLevel.set(level, dropped);
    }
    if (dropped.second === second) {
      dropped.requests++;
      return;
    }
    const oldest = second - Math.min(2 * dropped.retryAfterSeconds, retryAfterMaxSeconds);
    dropped.history.push({ second: dropped.second, requests: dropped.requests });
    dropped.history = dropped.history.filter((past) => past.second >= oldest);
    dropped.second = second;
    dropped.requests = 1;
    adjust(dropped, second);
  }

  retryAfterSeconds(level: string): number {
    return this.#byLevel.get(level)?.retryAfterSeconds ?? 1;
  }
}

function adjust(dropped: Dropped, second: number): void {
  const { retryAfterSeconds, history, raisedSecond } = dropped;
  const recent = history
    .filter((past) => second - past.second <= retryAfterSeconds && past.second < second)
    .reduce((sum, { requests }) => sum + requests, 0);
  if (second - raisedSecond >= retryAfterSeconds && recent >= 3 * retryAfterSeconds) {
    dropped.retryAfterSeconds = Math.min(2 * retryAfterSeconds, retryAfterMaxSeconds);
    dropped.raisedSecond = second;
  } else if (recent < retryAfterSeconds && retryAfterSeconds > 1) {
    dropped.retryAfterSeconds--;
  }
}
