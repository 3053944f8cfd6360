/** Keeps the process alive: timers, sockets and watches of a cluster do not. */

const intervalMs = 1 << 30;

/** Returns a function that lets the process end. */
export function holdProcess(): () => void {
  const alive = setInterval(() => undefined, intervalMs);
  return () => clearInterval(alive);
}
