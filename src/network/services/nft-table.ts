/**
 * The service table of one node as data: chains, sets and verdict maps made from frontends, so that the cost
 * of a packet does not grow with the number of services, and a change touches only the elements it changes.
 *
 *   packet → services (address, protocol, port) → svc-… chain → one of its ep-… chains → dnat
 *   packet to this machine → nodeports (protocol, port) → ext-… chain (masquerade) → ep-… → dnat
 *   packet without a usable backend → rejected_… → rejected or dropped
 */

import { createHash } from 'node:crypto';
import type { Backend, Frontend } from './model.ts';

export interface Table {
  /** Rules in order, by chain. */
  readonly chains: Map<string, string[]>;
  /** Definition by set. */
  readonly sets: Map<string, string>;
  /** Verdict by element, by map. */
  readonly maps: Record<MapName, Map<string, string>>;
}

export type MapName = (typeof mapNames)[number];

export const mapNames = [
  'services',
  'nodeports',
  'rejected_services',
  'rejected_nodeports',
  'guarded_services',
] as const;

export function emptyTable(): Table {
  return {
    chains: new Map(),
    sets: new Map(),
    maps: {
      services: new Map(),
      nodeports: new Map(),
      rejected_services: new Map(),
      rejected_nodeports: new Map(),
      guarded_services: new Map(),
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
  addExternal(table, frontend, key, podRange);
  addGuard(table, frontend, key);
}

function addInternal(table: Table, frontend: Frontend, key: string, podRange: string): void {
  if (frontend.clusterIps.length === 0) return;
  const has = frontend.backends.length > 0;
  for (const ip of frontend.clusterIps) {
    const element = `${ip} . ${frontend.protocol} . ${frontend.port}`;
    if (has) table.maps.services.set(element, `goto svc-${key}`);
    else table.maps.rejected_services.set(element, withoutBackend(frontend));
  }
  if (!has) return;
  const rules = [`ip saddr != ${podRange} jump mark_masquerade`];
  table.chains.set(`svc-${key}`, [...rules, ...pick(table, frontend, frontend.backends)]);
}

/** Rejected when the service has no backend at all; dropped when the policy excludes all of them. */
function withoutBackend({ anyBackends }: Frontend): string {
  return anyBackends.length > 0 ? 'drop' : 'goto refuse';
}

function addExternal(table: Table, frontend: Frontend, key: string, podRange: string): void {
  if (frontend.nodePort === undefined && frontend.externalIps.length === 0) return;
  const rules = externalRules(table, frontend, key, podRange);
  const has = frontend.externalBackends.length > 0;
  const set = (maps: 'services' | 'nodeports', element: string) => {
    if (rules.length > 0) table.maps[maps].set(element, `goto ext-${key}`);
    // A packet that no rule above has rewritten.
    if (!has) table.maps[`rejected_${maps}`].set(element, withoutBackend(frontend));
  };
  for (const ip of frontend.externalIps) set('services', `${ip} . ${frontend.protocol} . ${frontend.port}`);
  if (frontend.nodePort !== undefined) set('nodeports', `${frontend.protocol} . ${frontend.nodePort}`);
  if (rules.length > 0) table.chains.set(`ext-${key}`, rules);
}

/**
 * Policy Local applies to clients outside the cluster: pods and programs of this node reach every backend, as
 * with policy Cluster.
 */
function externalRules(table: Table, frontend: Frontend, key: string, podRange: string): string[] {
  const { externalBackends: backends, anyBackends, keepsSource } = frontend;
  if (!keepsSource) {
    return backends.length === 0 ? [] : ['jump mark_masquerade', ...pick(table, frontend, backends)];
  }
  if (anyBackends.length === 0) return [];
  table.chains.set(`any-${key}`, pick(table, frontend, anyBackends));
  return [
    `ip saddr ${podRange} goto any-${key}`,
    // A client on this machine's loopback must be masqueraded, or the pod would answer itself.
    'fib saddr type local jump mark_masquerade',
    `fib saddr type local goto any-${key}`,
    ...(backends.length > 0 ? pick(table, frontend, backends) : []),
  ];
}

function addGuard(table: Table, frontend: Frontend, key: string): void {
  const { guardedIps = [], sourceRanges = [], protocol, port } = frontend;
  if (guardedIps.length === 0) return;
  // One rule for each range: ranges may overlap, which a set rejects.
  table.chains.set(`guard-${key}`, [...sourceRanges.map((range) => `ip saddr ${range} return`), 'drop']);
  for (const ip of guardedIps) {
    table.maps.guarded_services.set(`${ip} . ${protocol} . ${port}`, `goto guard-${key}`);
  }
}

function pick(table: Table, frontend: Frontend, backends: readonly Backend[]): string[] {
  const chains = backends.map((backend) => addBackend(table, frontend, backend));
  const sticky =
    frontend.affinitySeconds === undefined
      ? []
      : chains.map((chain) => `ip saddr @aff-${chain.slice(3)} goto ${chain}`);
  if (chains.length === 1) return [`goto ${chains[0]}`];
  const choices = chains.map((chain, index) => `${index} : goto ${chain}`).join(', ');
  // A packet that hits the rule while its map is being replaced falls through to the first backend, which
  // still serves.
  return [...sticky, `numgen random mod ${chains.length} vmap { ${choices} }`, `goto ${chains[0]}`];
}

function addBackend(table: Table, frontend: Frontend, backend: Backend): string {
  // Another timeout gets another set: an existing set cannot be changed.
  const sticky = frontend.affinitySeconds ?? '';
  const key = hash(`${frontend.id}${frontend.protocol}${backend.ip}:${backend.port}/${sticky}`);
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
