/** Keeps the process alive although nothing else does: timers, sockets and watches of a cluster are free to let it end. */

const intervalMs = 1 << 30;

/** Returns what lets it end. */
export function holdProcess(): () => void {
  const alive = setInterval(() => undefined, intervalMs);
  return () => clearInterval(alive);
}
