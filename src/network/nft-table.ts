/**
 * The service table of one node as data: chains, sets and verdict maps made from frontends, so that the cost of a
 * packet does not grow with the number of services, and a change touches only the elements it changes.
 *
 *   packet → services (address, protocol, port) → svc-… chain → one of its ep-… chains → dnat
 *   packet to this machine → nodeports (protocol, port) → ext-… chain (masquerade) → ep-… → dnat
 */

import { createHash } from 'node:crypto';
import type { Backend, Frontend } from './service-model.ts';

export interface Table {
  /** Rules in order, by chain. */
  readonly chains: Map<string, string[]>;
  /** Definition by set. */
  readonly sets: Map<string, string>;
  /** Verdict by element, by map. */
  readonly maps: Record<MapName, Map<string, string>>;
}

export type MapName = (typeof mapNames)[number];

export const mapNames = ['services', 'nodeports', 'rejected_services', 'rejected_nodeports'] as const;

export function emptyTable(): Table {
  return {
    chains: new Map(),
    sets: new Map(),
    maps: {
      services: new Map(),
      nodeports: new Map(),
      rejected_services: new Map(),
      rejected_nodeports: new Map(),
    },
  };
}

/** `podRange` is the cluster's: traffic from it keeps its source address when it goes to a cluster IP. */
export function tableOf(frontends: Iterable<Frontend>, podRange: string): Table {
  const table = emptyTable();
  for (const frontend of frontends) addFrontend(table, frontend, podRange);
  return table;
}

function addFrontend(table: Table, frontend: Frontend, podRange: string): void {
  const key = hash(frontend.id + frontend.protocol);
  addInternal(table, frontend, key, podRange);
  addExternal(table, frontend, key);
}

function addInternal(table: Table, frontend: Frontend, key: string, podRange: string): void {
  if (frontend.clusterIps.length === 0) return;
  const has = frontend.backends.length > 0;
  for (const ip of frontend.clusterIps) {
    const element = `${ip} . ${frontend.protocol} . ${frontend.port}`;
    if (has) table.maps.services.set(element, `goto svc-${key}`);
    else table.maps.rejected_services.set(element, 'goto refuse');
  }
  if (!has) return;
  const rules = [`ip saddr != ${podRange} jump mark_masquerade`];
  table.chains.set(`svc-${key}`, [...rules, ...pick(table, frontend, frontend.backends)]);
}

function addExternal(table: Table, frontend: Frontend, key: string): void {
  if (frontend.nodePort === undefined && frontend.externalIps.length === 0) return;
  const has = frontend.externalBackends.length > 0;
  for (const ip of frontend.externalIps) {
    const element = `${ip} . ${frontend.protocol} . ${frontend.port}`;
    if (has) table.maps.services.set(element, `goto ext-${key}`);
    else table.maps.rejected_services.set(element, 'goto refuse');
  }
  if (frontend.nodePort !== undefined) {
    const element = `${frontend.protocol} . ${frontend.nodePort}`;
    if (has) table.maps.nodeports.set(element, `goto ext-${key}`);
    else table.maps.rejected_nodeports.set(element, 'goto refuse');
  }
  if (!has) return;
  // A client on this machine's loopback must be masqueraded, or the pod would answer itself.
  const rules = frontend.keepsSource
    ? ['ip saddr 127.0.0.0/8 jump mark_masquerade']
    : ['jump mark_masquerade'];
  table.chains.set(`ext-${key}`, [...rules, ...pick(table, frontend, frontend.externalBackends)]);
}

function pick(table: Table, frontend: Frontend, backends: readonly Backend[]): string[] {
  const chains = backends.map((backend) => addBackend(table, frontend, backend));
  const sticky =
    frontend.affinitySeconds === undefined
      ? []
      : chains.map((chain) => `ip saddr @aff-${chain.slice(3)} goto ${chain}`);
  if (chains.length === 1) return [`goto ${chains[0]}`];
  const choices = chains.map((chain, index) => `${index} : goto ${chain}`).join(', ');
  return [...sticky, `numgen random mod ${chains.length} vmap { ${choices} }`];
}

function addBackend(table: Table, frontend: Frontend, backend: Backend): string {
  const key = hash(`${frontend.id}${frontend.protocol}${backend.ip}:${backend.port}`);
  const chain = `ep-${key}`;
  if (table.chains.has(chain)) return chain;
  const rules = [`ip saddr ${backend.ip} jump mark_masquerade`];
  if (frontend.affinitySeconds !== undefined) {
    table.sets.set(
      `aff-${key}`,
      `type ipv4_addr; flags dynamic,timeout; timeout ${frontend.affinitySeconds}s;`,
    );
    rules.push(`update @aff-${key} { ip saddr }`);
  }
  rules.push(`meta l4proto ${frontend.protocol} dnat to ${backend.ip}:${backend.port}`);
  table.chains.set(chain, rules);
  return chain;
}

function hash(text: string): string {
  return createHash('sha256').update(text).digest('hex').slice(0, 16);
}
