/**
 * The documented form of the ConfigMap `kube-dns`: `stubDomains`, a JSON object of zones and their name servers, and
 * `upstreamNameservers`, a JSON array of at most three.
 */

import { type NameServer, parseNameServer } from '../upstream/name-server.ts';
import { type DnsConfiguration, defaultConfiguration, defaultRoute } from './dns-configuration.ts';
import { InvalidConfiguration } from './invalid.ts';

const upstreamsMax = 3;
const zonePattern =
  /^(?=.{1,253}$)[a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?(\.[a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?)*$/;

/** Throws `InvalidConfiguration`. `zone`: `cluster.local`. */
export function readKubeDnsMap(data: Readonly<Record<string, string>>, zone: string): DnsConfiguration {
  const upstreams = serversOf('upstreamNameservers', jsonOf(data, 'upstreamNameservers') ?? []);
  if (upstreams.length > upstreamsMax) {
    throw new InvalidConfiguration(`upstreamNameservers: more than ${upstreamsMax} name servers`);
  }
  const all = upstreams.length > 0 ? [{ ...defaultRoute, servers: upstreams }] : defaultConfiguration.routes;
  const stubs = Object.entries(stubDomainsOf(data)).map(([name, servers]) => {
    const stub = name.toLowerCase().replace(/\.$/, '');
    if (!zonePattern.test(stub)) throw new InvalidConfiguration(`stubDomains: ${name} is no zone`);
    if (stub === zone || stub.endsWith(`.${zone}`)) {
      throw new InvalidConfiguration(`stubDomains: ${name} is the cluster's own zone`);
    }
    return { ...defaultRoute, zone: stub, servers: serversOf(`stubDomains[${name}]`, servers) };
  });
  return { ...defaultConfiguration, routes: [...all, ...stubs] };
}

function stubDomainsOf(data: Readonly<Record<string, string>>): Readonly<Record<string, unknown>> {
  const stubs = jsonOf(data, 'stubDomains') ?? {};
  if (typeof stubs === 'object' && !Array.isArray(stubs)) return stubs as Record<string, unknown>;
  throw new InvalidConfiguration('stubDomains: expected an object of zones and name servers');
}

function jsonOf(data: Readonly<Record<string, string>>, key: string): unknown {
  const text = data[key];
  if (text === undefined || text.trim() === '') return undefined;
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new InvalidConfiguration(`${key}: ${(error as Error).message}`);
  }
}

function serversOf(place: string, value: unknown): NameServer[] {
  if (!Array.isArray(value)) throw new InvalidConfiguration(`${place}: expected an array of name servers`);
  return value.map((text) => {
    const server = typeof text === 'string' ? parseNameServer(text) : undefined;
    if (!server) throw new InvalidConfiguration(`${place}: ${String(text)} is no address of a name server`);
    return server;
  });
}
