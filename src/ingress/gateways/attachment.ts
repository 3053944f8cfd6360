/** Which listeners a route attaches to, and why it does not. */

import type { Stored } from '#api/meta/object.ts';
import { type Labels, selectorFromLabelSelector } from '#api/selectors/selector.ts';
import type { GatewayView } from './gateway-view.ts';
import { intersection } from './hostnames.ts';
import { type Condition, gatewayGroup, type ParentReference, type Route } from './kinds.ts';
import type { ServedListener } from './listeners.ts';

export interface AttachedListener {
  readonly listener: ServedListener;
  /** The hosts of the route at this listener. */
  readonly hosts: readonly string[];
}

export interface Attachment {
  readonly parent: ParentReference;
  readonly listeners: readonly AttachedListener[];
  readonly accepted: Condition;
}

/** Of every parent that is a Gateway of this controller. */
export function attachmentsOf(
  route: Stored<Route>,
  kind: string,
  listeners: readonly ServedListener[],
  view: GatewayView,
): Attachment[] {
  return (route.spec.parentRefs ?? []).flatMap((parent) => {
    if ((parent.kind ?? 'Gateway') !== 'Gateway' || (parent.group ?? gatewayGroup) !== gatewayGroup) {
      return [];
    }
    const namespace = parent.namespace ?? route.metadata.namespace;
    const own = listeners.filter(
      ({ gateway: { metadata } }) => metadata.namespace === namespace && metadata.name === parent.name,
    );
    return own.length === 0 ? [] : [attach(route, kind, parent, own, view)];
  });
}

function attach(
  route: Stored<Route>,
  kind: string,
  parent: ParentReference,
  listeners: readonly ServedListener[],
  view: GatewayView,
): Attachment {
  const refused = (reason: string, message: string): Attachment => ({
    parent,
    listeners: [],
    accepted: { type: 'Accepted', status: 'False', reason, message },
  });
  const named = listeners.filter(
    ({ spec }) =>
      (parent.sectionName ?? spec.name) === spec.name &&
      (parent.port === undefined || parent.port === spec.port),
  );
  if (named.length === 0) return refused('NoMatchingParent', 'the Gateway has no such listener');
  const allowing = named.filter(
    (listener) =>
      listener.kinds.some((allowed) => allowed.kind === kind) && allowsNamespace(listener, route, view),
  );
  if (allowing.length === 0) return refused('NotAllowedByListeners', 'no listener allows this route');
  const attached = allowing.flatMap((listener) => {
    const hosts = intersection(listener.spec.hostname, route.spec.hostnames ?? []);
    return hosts ? [{ listener, hosts }] : [];
  });
  if (attached.length === 0) {
    return refused('NoMatchingListenerHostname', 'no listener has a host name of this route');
  }
  const accepted = {
    type: 'Accepted',
    status: 'True',
    reason: 'Accepted',
    message: 'the route is accepted',
  } as const;
  return { parent, listeners: attached, accepted };
}

function allowsNamespace(
  { gateway, spec }: ServedListener,
  { metadata }: Stored<Route>,
  view: GatewayView,
): boolean {
  const { from = 'Same', selector } = spec.allowedRoutes?.namespaces ?? {};
  if (from === 'All') return true;
  if (from === 'Same') return metadata.namespace === gateway.metadata.namespace;
  if (from !== 'Selector') return false;
  const labels: Labels = view.namespace(metadata.namespace ?? '')?.metadata.labels ?? {};
  return selectorFromLabelSelector(selector).matches(labels);
}
