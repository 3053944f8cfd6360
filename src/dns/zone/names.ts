/**
 * What a name of the cluster's zone means (the Kubernetes DNS specification, 1.1.0):
 *
 *   service.ns.svc.zone                   a service, or the endpoints of a headless one
 *   _port._proto.service.ns.svc.zone      its port
 *   host.service.ns.svc.zone              one of its endpoints
 *   a-b-c-d.ns.pod.zone                   a pod's address
 *   zone, svc.zone, ns.svc.zone, …        names that only have others below them
 *   dns-version.zone, ns.dns.zone         the version of the specification, the name server
 */

import type { Wanted } from './backends.ts';

export type NameMeaning =
  | { readonly kind: 'apex' | 'empty' | 'version' | 'nameServer' | 'nothing' }
  | { readonly kind: 'namespace'; readonly namespace: string }
  | { readonly kind: 'pod'; readonly namespace: string; readonly label: string }
  | {
      readonly kind: 'service';
      readonly namespace: string;
      readonly service: string;
      readonly wanted: Wanted;
    };

const nothing: NameMeaning = { kind: 'nothing' };
const empty: NameMeaning = { kind: 'empty' };
const anything: Wanted = { endpoint: '', port: '', protocol: '' };

/** `labels`: what stands before the zone, in lower case. */
export function meaningOf(labels: readonly string[]): NameMeaning {
  const [last, namespace, service, ...before] = labels.toReversed();
  if (last === undefined) return { kind: 'apex' };
  if (last === 'svc' || last === 'pod') {
    if (namespace === undefined) return empty;
    if (service === undefined) return { kind: 'namespace', namespace };
    if (last === 'pod') return before.length > 0 ? nothing : { kind: 'pod', namespace, label: service };
    return serviceMeaning(namespace, service, before);
  }
  if (last === 'dns-version') return namespace === undefined ? { kind: 'version' } : nothing;
  if (last !== 'dns' || service !== undefined) return nothing;
  if (namespace === undefined) return empty;
  return namespace === 'ns' ? { kind: 'nameServer' } : nothing;
}

/** `before`: from the service's name to the left. */
function serviceMeaning(namespace: string, service: string, before: readonly string[]): NameMeaning {
  const [first, second] = before;
  if (before.length > 2) return nothing;
  if (first === undefined) return { kind: 'service', namespace, service, wanted: anything };
  if (second === undefined) {
    return { kind: 'service', namespace, service, wanted: { ...anything, endpoint: first } };
  }
  const wanted = { ...anything, protocol: withoutUnderscore(first), port: withoutUnderscore(second) };
  return { kind: 'service', namespace, service, wanted };
}

/** As CoreDNS: the underscores may be missing. */
function withoutUnderscore(label: string): string {
  return label.startsWith('_') ? label.slice(1) : label;
}
