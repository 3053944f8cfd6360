/** Makes what answers queries out of a configuration. */

import type { Env } from '#base/env.ts';
import { ClusterNames } from './cluster-names.ts';
import type { DnsConfiguration, RouteConfiguration } from './configuration/dns-configuration.ts';
import type { Resolution } from './responder.ts';
import { AnswerCache } from './upstream/answer-cache.ts';
import { Forwarder, type ForwarderEvents } from './upstream/forwarder.ts';
import { type NameServer, parseNameServer } from './upstream/name-server.ts';
import { type Route, Routes } from './upstream/routes.ts';
import type { ZoneView } from './zone/view.ts';

export interface ResolutionContext {
  readonly env: Env;
  readonly view: ZoneView;
  /** `cluster.local`. */
  readonly zone: string;
  /** Addresses that lead back to this server at port 53: never forwarded to. */
  readonly own: readonly string[];
  readonly events: ForwarderEvents;
}

/** `machineServers`: what `machine` stands for. */
export function makeResolution(
  context: ResolutionContext,
  { ttl, pods, routes }: DnsConfiguration,
  machineServers: readonly NameServer[],
): Resolution {
  const { env, view, zone } = context;
  // Begins to read pods, so that the first query for one finds it.
  if (pods === 'verified') view.podExists('', '');
  return {
    names: new ClusterNames(env.clock, { view, name: zone, ttl, pods }),
    routes: new Routes(routes.map((route) => makeRoute(context, route, machineServers))),
  };
}

function makeRoute(
  { env, own, events }: ResolutionContext,
  { zone, except, cache, ...rest }: RouteConfiguration,
  machineServers: readonly NameServer[],
): Route {
  const servers = rest.servers
    .flatMap((server) => (server === 'machine' ? machineServers : [server]))
    .filter(({ host, port }) => !(port === dnsPort && own.includes(host)));
  return {
    zone,
    except,
    forwarder: new Forwarder(env, { ...rest, servers }, events),
    cache: cache && new AnswerCache(env.clock, cache),
  };
}

const dnsPort = 53;

/** What a resolv.conf names. */
export function nameServersOf(addresses: readonly string[]): NameServer[] {
  return addresses.flatMap((address) => parseNameServer(address) ?? []);
}
