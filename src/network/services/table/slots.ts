/** Numbers the backends of a service from 0 on, so that a change moves as few of them as possible. */

import type { Backend } from '../frontends/frontend.ts';

/**
 * The backends of `now` in an order in which those of `before` keep their place where they can. The table
 * stores a backend under its number: only numbers whose backend differs have to be written.
 */
export function keepSlots(before: readonly Backend[], now: readonly Backend[]): Backend[] {
  const left = new Map(now.map((backend) => [keyOf(backend), backend]));
  const slots = before.slice(0, now.length).map((backend) => {
    const kept = left.get(keyOf(backend));
    left.delete(keyOf(backend));
    return kept;
  });
  const rest = left.values();
  return Array.from({ length: now.length }, (_, slot) => slots[slot] ?? rest.next().value!);
}

function keyOf({ ip, port }: Backend): string {
  return `${ip} ${port}`;
}
