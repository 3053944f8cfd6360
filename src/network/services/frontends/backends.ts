/**
 * Selects the backends of a service as kube-proxy does (`pkg/proxy/topology.go`): ready endpoints, limited to
 * this node or zone when hints ask for it; if there are none, terminating ones that still serve.
 */

import type { Endpoint } from '#api/generated/types.gen.ts';
import type { Backend, Place } from './frontend.ts';

export interface Candidate extends Backend {
  readonly endpoint: Endpoint;
}

export function isReady({ conditions }: Endpoint): boolean {
  return conditions?.ready !== false;
}

/** `narrow` limits the ready endpoints; it does not apply to terminating ones (KEP-1669). */
export function usable(
  candidates: readonly Candidate[],
  narrow: (ready: readonly Candidate[]) => readonly Candidate[] = (ready) => ready,
): Backend[] {
  const ready = narrow(candidates.filter(({ endpoint }) => isReady(endpoint)));
  return sorted(ready.length > 0 ? ready : candidates.filter(servesWhileTerminating));
}

function servesWhileTerminating({ endpoint: { conditions = {} } }: Candidate): boolean {
  return conditions.serving !== false && conditions.terminating === true;
}

/**
 * Hints count only when every endpoint has one and some match this node: otherwise traffic could be lost or
 * pile up.
 */
export function hinted(ready: readonly Candidate[], { nodeName, zone }: Place): readonly Candidate[] {
  for (const [kind, here] of [
    ['forNodes', nodeName],
    ['forZones', zone],
  ] as const) {
    if (!ready.every(({ endpoint }) => (endpoint.hints?.[kind]?.length ?? 0) > 0)) continue;
    const ours = ready.filter(({ endpoint }) => endpoint.hints?.[kind]?.some(({ name }) => name === here));
    if (ours.length > 0) return ours;
  }
  return ready;
}

export function sorted(candidates: readonly Candidate[]): Backend[] {
  return candidates
    .map(({ ip, port }) => ({ ip, port }))
    .sort((a, b) => (a.ip === b.ip ? a.port - b.port : a.ip < b.ip ? -1 : 1));
}
