/**
 * Places for the endpoints of a backend in the proxy's configuration: more than there are endpoints, so that endpoints
 * come and go by commands at run time, without a new configuration.
 */

import type { Endpoint } from '../model/model.ts';

const slotsMin = 4;

/** An endpoint, or room for one. */
export type Slots = readonly (Endpoint | undefined)[];

/**
 * Endpoints keep their slots; new ones take free ones. Undefined when they do not fit: a new configuration with more
 * slots is needed.
 */
export function reassigned(slots: Slots, endpoints: readonly Endpoint[]): Slots | undefined {
  const wanted = new Map(endpoints.map((endpoint) => [nameOf(endpoint), endpoint]));
  const kept = slots.map((slot) => {
    if (!slot || !wanted.has(nameOf(slot))) return undefined;
    wanted.delete(nameOf(slot));
    return slot;
  });
  const added = [...wanted.values()];
  const filled = kept.map((slot, index) => slot ?? (slots[index] ? undefined : added.shift()));
  // Slots that have just become free come last: requests under way may still be counted for them.
  const full = filled.map((slot) => slot ?? added.shift());
  return added.length === 0 ? full : undefined;
}

/** Slots of a backend that is new, or has outgrown its slots: a power of two, with room for half as many again. */
export function newSlots(endpoints: readonly Endpoint[]): Slots {
  let count = slotsMin;
  while (count < endpoints.length * 1.5) count *= 2;
  const unique = [...new Map(endpoints.map((endpoint) => [nameOf(endpoint), endpoint])).values()];
  return Array.from({ length: count }, (_, index) => unique[index]);
}

/** The commands that turn one assignment into another. */
export function slotCommands(backend: string, before: Slots, now: Slots): string[] {
  return now.flatMap((endpoint, index) => {
    const previous = before[index];
    if (endpoint === previous || (endpoint && previous && nameOf(endpoint) === nameOf(previous))) return [];
    const server = `${backend}/s${index}`;
    if (!endpoint) return [`set server ${server} state maint`];
    return [
      `set server ${server} addr ${endpoint.address} port ${endpoint.port}`,
      `set server ${server} state ready`,
    ];
  });
}

function nameOf({ address, port }: Endpoint): string {
  return `${address} ${port}`;
}
