/** Gateways and routes of one namespace, as decisions about them see them. */

import type { Stored } from '#api/meta/object.ts';
import type { GatewayView } from '#ingress/gateways/gateway-view.ts';
import {
  controllerName,
  type Gateway,
  type GatewayClass,
  type HttpRoute,
  type HttpRule,
  type ListenerSpec,
  type ReferenceGrant,
} from '#ingress/gateways/kinds.ts';
import { type RouteObjects, routeView } from './ingress-view.ts';

export interface GatewayObjects extends RouteObjects {
  readonly gateways?: readonly Gateway[];
  readonly httpRoutes?: readonly HttpRoute[];
  readonly grants?: readonly ReferenceGrant[];
}

export function gatewayView(objects: GatewayObjects): GatewayView {
  const gatewayClass: GatewayClass = { metadata: { name: 'kybern' }, spec: { controllerName } };
  return {
    ...routeView(objects),
    classes: () => [gatewayClass as Stored<GatewayClass>],
    gateways: () => (objects.gateways ?? []) as Stored<Gateway>[],
    httpRoutes: () => (objects.httpRoutes ?? []) as Stored<HttpRoute>[],
    grpcRoutes: () => [],
    grants: () => (objects.grants ?? []) as Stored<ReferenceGrant>[],
  };
}

export function gatewayOf(...listeners: ListenerSpec[]): Gateway {
  return {
    metadata: { name: 'gw', namespace: 'default', generation: 3 },
    spec: { gatewayClassName: 'kybern', listeners },
  };
}

export function httpRouteOf(
  name: string,
  hostnames: string[],
  rules: HttpRule[],
  parent: object = {},
): HttpRoute {
  return {
    metadata: { name, namespace: 'default', creationTimestamp: '2026-01-01T00:00:00Z' },
    spec: { parentRefs: [{ name: 'gw', ...parent }], hostnames, rules },
  };
}
