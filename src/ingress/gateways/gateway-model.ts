/** All Gateways of this controller and the routes that attach to them, as a part of the proxy's model and as statuses. */

import type { Stored } from '#api/meta/object.ts';
import type { Backend, HostRoutes, Listener, PathRoutes, ProxyModel, RouteTable } from '../model/model.ts';
import { type Attachment, attachmentsOf } from './attachment.ts';
import { knownFilters } from './filters.ts';
import type { GatewayView } from './gateway-view.ts';
import { closest } from './hostnames.ts';
import {
  type Condition,
  controllerName,
  type Gateway,
  type GrpcRoute,
  type HttpRoute,
  type Route,
} from './kinds.ts';
import { listenersOf, type ServedListener } from './listeners.ts';
import { byRank, grpcRule, httpRule, type RouteRule, type RuleMatch, unsupportedMatch } from './matches.ts';
import { type RuleBackends, ruleBackends } from './route-backends.ts';

/** Where the proxy listens for a port of a Gateway; undefined until there is one. */
export type PortOf = (gateway: Stored<Gateway>, port: number) => number | undefined;

export interface RouteReport {
  readonly route: Stored<Route>;
  readonly kind: 'HTTPRoute' | 'GRPCRoute';
  readonly parents: readonly { readonly attachment: Attachment; readonly conditions: readonly Condition[] }[];
}

export interface GatewayReport {
  readonly gateway: Stored<Gateway>;
  readonly listeners: readonly { readonly listener: ServedListener; readonly attachedRoutes: number }[];
}

export interface GatewayModel extends ProxyModel {
  readonly gateways: readonly GatewayReport[];
  readonly routes: readonly RouteReport[];
}

interface Match {
  readonly route: Stored<Route>;
  readonly match: RuleMatch;
  readonly built: RuleBackends;
  readonly attached: readonly Attachment[];
}

interface KnownRoute {
  readonly route: Stored<Route>;
  readonly kind: 'HTTPRoute' | 'GRPCRoute';
  readonly rules: readonly RouteRule[];
  readonly unsupported?: string;
}

export function gatewayModel(view: GatewayView, address: string, portOf: PortOf): GatewayModel {
  const classes = new Set(
    view
      .classes()
      .filter(({ spec }) => spec.controllerName === controllerName)
      .map(({ metadata }) => metadata.name),
  );
  const own = view.gateways().filter(({ spec }) => classes.has(spec.gatewayClassName));
  const listeners = own.flatMap((gateway) => listenersOf(gateway, view));
  const matches: Match[] = [];
  const routes: RouteReport[] = [];
  for (const known of knownRoutes(view)) {
    const report = addRoute(known, listeners, view, matches);
    if (report.parents.length > 0) routes.push(report);
  }
  matches.sort((a, b) => byRank(a.match.rank, b.match.rank));
  const ports = portsOf(listeners, portOf);
  return {
    listeners: ports.map((port) => listenerAt(port, address)),
    tables: ports.map((port) => tableOf(port, matches)),
    backends: backendsOf(matches),
    gateways: own.map((gateway) => reportOf(gateway, listeners, routes)),
    routes,
  };
}

/** The oldest first; equal matches are decided by it. */
function knownRoutes(view: GatewayView): KnownRoute[] {
  const known: KnownRoute[] = [
    ...view.httpRoutes().map((route: Stored<HttpRoute>): KnownRoute => {
      const rules = route.spec.rules ?? [{}];
      return { route, kind: 'HTTPRoute', rules: rules.map(httpRule), ...unsupportedIn(rules) };
    }),
    ...view.grpcRoutes().map((route: Stored<GrpcRoute>): KnownRoute => {
      const rules = route.spec.rules ?? [{}];
      return { route, kind: 'GRPCRoute', rules: rules.map(grpcRule), ...unsupportedIn(rules) };
    }),
  ];
  const age = ({ route: { metadata } }: KnownRoute) =>
    `${metadata.creationTimestamp} ${metadata.namespace}/${metadata.name}`;
  return known.toSorted((a, b) => (age(a) < age(b) ? -1 : 1));
}

function unsupportedIn(rules: Parameters<typeof unsupportedMatch>[0]): { unsupported?: string } {
  const filters = rules.flatMap(({ filters = [], backendRefs = [] }) => [
    ...filters,
    ...backendRefs.flatMap((reference) => reference.filters ?? []),
  ]);
  const filter = filters.find(({ type }) => !knownFilters.includes(type));
  const unsupported = filter ? `filter ${filter.type} is not supported` : unsupportedMatch(rules);
  return unsupported === undefined ? {} : { unsupported };
}

function addRoute(
  { route, kind, rules, unsupported }: KnownRoute,
  listeners: readonly ServedListener[],
  view: GatewayView,
  matches: Match[],
): RouteReport {
  const attached = attachmentsOf(route, kind, listeners, view).map((attachment): Attachment => {
    if (unsupported === undefined || attachment.listeners.length === 0) return attachment;
    const accepted = {
      type: 'Accepted',
      status: 'False',
      reason: 'UnsupportedValue',
      message: unsupported,
    } as const;
    return { ...attachment, listeners: [], accepted };
  });
  const listenerPort = attached[0]?.listeners[0]?.listener.spec.port ?? 80;
  const built = rules.flatMap((rule, index) =>
    rule.matches.map((match, matchIndex) => ({
      route,
      match,
      attached,
      built: ruleBackends(rule, match, matchIndex, { route, kind, index, listenerPort, view }),
    })),
  );
  if (attached.some((attachment) => attachment.listeners.length > 0)) matches.push(...built);
  const problem = built.find((entry) => entry.built.problem)?.built.problem;
  const resolved: Condition = problem
    ? { type: 'ResolvedRefs', ...problem }
    : { type: 'ResolvedRefs', status: 'True', reason: 'ResolvedRefs', message: 'references are resolved' };
  return {
    route,
    kind,
    parents: attached.map((attachment) => ({ attachment, conditions: [attachment.accepted, resolved] })),
  };
}

interface ServedPort {
  readonly id: string;
  readonly port: number;
  readonly publicPort: number;
  readonly listeners: readonly ServedListener[];
}

/** Listeners of one Gateway and port are one for the proxy. */
function portsOf(listeners: readonly ServedListener[], portOf: PortOf): ServedPort[] {
  const served = listeners.filter(({ isServed }) => isServed);
  const groups = Map.groupBy(
    served,
    ({ gateway: { metadata }, spec }) => `gateway:${metadata.namespace}:${metadata.name}:${spec.port}`,
  );
  return [...groups].flatMap(([id, group]) => {
    const { gateway, spec } = group[0]!;
    const port = portOf(gateway, spec.port);
    return port === undefined ? [] : [{ id, port, publicPort: spec.port, listeners: group }];
  });
}

function listenerAt({ id, port, publicPort, listeners }: ServedPort, address: string): Listener {
  const isTls = listeners[0]!.spec.protocol === 'HTTPS';
  const certificates = listeners.flatMap((listener) => listener.certificates);
  return { id, address, port, publicPort, table: id, ...(isTls ? { certificates } : {}) };
}

/** A host belongs to the listener with the closest name, even when no route of that listener has it. */
function tableOf({ id, listeners }: ServedPort, matches: readonly Match[]): RouteTable {
  const byHost = new Map<string, PathRoutes[]>();
  const names = listeners.map(({ spec }) => (spec.hostname ?? '').toLowerCase());
  for (const name of names) byHost.set(name, []);
  for (const { match, built, attached } of matches) {
    for (const { listener, hosts } of attached.flatMap((attachment) => attachment.listeners)) {
      if (!listeners.includes(listener)) continue;
      for (const host of hosts) {
        if (closest(names, host) !== (listener.spec.hostname ?? '').toLowerCase()) continue;
        const paths = byHost.get(host) ?? [];
        paths.push({ ...match.path, routes: built.routes });
        byHost.set(host, paths);
      }
    }
  }
  const hosts: HostRoutes[] = [...byHost].map(([host, paths]) => ({ host, paths }));
  return { id, hosts, wildcards: 'any labels' };
}

function backendsOf(matches: readonly Match[]): Backend[] {
  return [
    ...new Map(
      matches.flatMap(({ built }) => built.backends).map((backend) => [backend.id, backend]),
    ).values(),
  ];
}

function reportOf(
  gateway: Stored<Gateway>,
  listeners: readonly ServedListener[],
  routes: readonly RouteReport[],
): GatewayReport {
  const own = listeners.filter((listener) => listener.gateway === gateway);
  return {
    gateway,
    listeners: own.map((listener) => ({
      listener,
      attachedRoutes: routes.filter(({ parents }) =>
        parents.some(({ attachment }) =>
          attachment.listeners.some((attached) => attached.listener === listener),
        ),
      ).length,
    })),
  };
}
