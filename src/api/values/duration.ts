/** Durations as kubectl and the server print them: `5s`, `3m20s`, `4h`, `2d3h`, `1y40d`. */

/** Upstream's `HumanDuration`. */
export function humanDuration(ms: number): string {
  const seconds = Math.trunc(ms / 1000);
  if (seconds < -1) return '<invalid>';
  if (seconds < 0) return '0s';
  if (seconds < 60 * 2) return `${seconds}s`;
  const minutes = Math.trunc(seconds / 60);
  if (minutes < 10) return twoParts(minutes, 'm', seconds % 60, 's');
  if (minutes < 60 * 3) return `${minutes}m`;
  const hours = Math.trunc(minutes / 60);
  if (hours < 8) return twoParts(hours, 'h', minutes % 60, 'm');
  if (hours < 48) return `${hours}h`;
  const days = Math.trunc(hours / 24);
  if (hours < 24 * 8) return twoParts(days, 'd', hours % 24, 'h');
  if (hours < 24 * 365 * 2) return `${days}d`;
  const years = Math.trunc(days / 365);
  return hours < 24 * 365 * 8 ? twoParts(years, 'y', days % 365, 'd') : `${years}y`;
}

function twoParts(first: number, firstUnit: string, second: number, secondUnit: string): string {
  return second === 0 ? `${first}${firstUnit}` : `${first}${firstUnit}${second}${secondUnit}`;
}

/** Instead of the time of printing: ages are left open, to be printed later. */
export interface OpenAges {
  /** Stands for the age of what began then. */
  since(startMs: number): string;
}

/** Time since a timestamp; `<unknown>` without one. */
export function humanAge(timestamp: string | undefined, now: number | OpenAges): string {
  if (!timestamp) return '<unknown>';
  const startMs = Date.parse(timestamp);
  return typeof now === 'number' ? humanDuration(now - startMs) : now.since(startMs);
}
