/**
 * What one service, or one pod with host ports, adds to the table of one address family: elements of maps,
 * and the chains that they lead to.
 *
 *   packet → services (address, protocol, port) → cluster-3 → endpoints (address, protocol, port, 0…2) → dnat
 *   packet to this node → nodeports (protocol, port) → port-external-3 (masquerade) → port_endpoints → dnat
 *   packet without a usable backend → rejected_… → rejected or dropped
 *
 * With session affinity there is a chain for each backend, and a set of the clients that stick to it.
 */

import { createHash } from 'node:crypto';
import { parseAddressRange, placeIn } from '#api/values/address-range.ts';
import type { Backend, Family, Frontend } from '../frontends/frontend.ts';
import {
  type BackendMap,
  clusterChain,
  externalChain,
  ipWord,
  localChains,
  localSlots,
  markForeign,
  type SharedChain,
  unlimitedRules,
} from './picks.ts';
import { keepSlots } from './slots.ts';

export interface TablePart {
  /** Rules by chain, one a line. Chains of one name have the same rules in every part. */
  readonly chains: ReadonlyMap<string, string>;
  /** Definition by set; the same in every part. */
  readonly sets: ReadonlyMap<string, string>;
  /** Value by `map element`; empty for an element of a set. */
  readonly elements: ReadonlyMap<string, string>;
  /** Numbered backends by frontend and use. */
  readonly slots: ReadonlyMap<string, readonly Backend[]>;
}

export interface PartOptions {
  readonly family: Family;
  /** The cluster's: traffic from it keeps its source address when it goes to a cluster IP. */
  readonly podRange: string;
  /** Addresses of it belong to the Services that the API gave them: no other entry of the table takes one. */
  readonly serviceRange: string;
  /** The part that this one replaces: its backends keep their numbers. */
  readonly before?: TablePart | undefined;
}

/** `frontends` are of one family. */
export function partOf(frontends: readonly Frontend[], options: PartOptions): TablePart {
  const builder = new PartBuilder(options);
  for (const frontend of frontends) builder.add(frontend);
  return builder;
}

/** Where clients find a frontend: the element of the map `in`, with its backends in `backends`. */
interface Address {
  readonly in: 'services' | 'nodeports';
  readonly element: string;
  readonly backends: BackendMap;
}

type Use = 'inside' | 'outside' | 'local';

class PartBuilder implements TablePart {
  readonly chains = new Map<string, string>();
  readonly sets = new Map<string, string>();
  readonly elements = new Map<string, string>();
  readonly slots = new Map<string, readonly Backend[]>();
  readonly #options: PartOptions;

  constructor(options: PartOptions) {
    this.#options = options;
  }

  add(frontend: Frontend): void {
    for (const ip of frontend.clusterIps) this.#addInside(frontend, addressAt(frontend, ip));
    for (const ip of frontend.externalIps) {
      if (!this.#isOfService(ip)) this.#addOutside(frontend, addressAt(frontend, ip));
    }
    const { nodePort, protocol } = frontend;
    if (nodePort !== undefined) {
      const element = `${protocol} . ${nodePort}`;
      this.#addOutside(frontend, { in: 'nodeports', element, backends: 'port_endpoints' });
    }
    this.#addGuard(frontend);
    for (const ip of frontend.hairpinIps) this.elements.set(`hairpin ${ip} . ${ip}`, '');
  }

  /** External and host addresses are chosen by users: the cluster's DNS would be anyone's. */
  #isOfService(ip: string): boolean {
    const range = parseAddressRange(this.#options.serviceRange);
    return range !== undefined && placeIn(range, ip) !== undefined;
  }

  #addInside(frontend: Frontend, address: Address): void {
    const { backends, affinitySeconds } = frontend;
    const { family, podRange } = this.#options;
    if (backends.length === 0) {
      this.#reject(frontend, address);
    } else if (affinitySeconds === undefined) {
      this.#dispatch(address, this.#shared(clusterChain(family, podRange, backends.length)));
      this.#number(frontend, 'inside', address, backends);
    } else {
      const rules = [markForeign(family, podRange), ...this.#sticky(frontend, backends)];
      this.#dispatch(address, this.#ownChain('svc', rules));
    }
  }

  #addOutside(frontend: Frontend, address: Address): void {
    const { externalBackends, anyBackends, keepsSource } = frontend;
    // A packet that no rule of the chain below rewrites.
    if (externalBackends.length === 0) this.#reject(frontend, address);
    if ((keepsSource ? anyBackends : externalBackends).length === 0) return;
    if (frontend.affinitySeconds !== undefined) {
      this.#addStickyOutside(frontend, address);
      return;
    }
    this.#dispatch(address, this.#outsideChain(frontend, address.backends));
    this.#number(frontend, 'outside', address, keepsSource ? anyBackends : externalBackends);
    if (keepsSource) this.#number(frontend, 'local', address, externalBackends);
  }

  #outsideChain({ keepsSource, externalBackends, anyBackends }: Frontend, map: BackendMap): string {
    const { family, podRange } = this.#options;
    if (!keepsSource) return this.#shared(externalChain(family, map, externalBackends.length));
    const counts = { any: anyBackends.length, local: externalBackends.length };
    const { any, local } = localChains(family, map, podRange, counts);
    this.#shared(any);
    return this.#shared(local);
  }

  #addStickyOutside(frontend: Frontend, address: Address): void {
    const { externalBackends, anyBackends, keepsSource } = frontend;
    const { family, podRange } = this.#options;
    const picked = this.#sticky(frontend, externalBackends);
    const any = () => this.#ownChain('any', this.#sticky(frontend, anyBackends));
    const first = keepsSource ? unlimitedRules(family, podRange, any()) : ['jump mark_masquerade'];
    this.#dispatch(address, this.#ownChain('ext', [...first, ...picked]));
  }

  /** Clients go to the backend they went to last; others to a random one. */
  #sticky(frontend: Frontend, backends: readonly Backend[]): string[] {
    const ip = ipWord(this.#options.family);
    const targets = backends.map((backend) => this.#addSticky(frontend, backend));
    const choices = targets.map(({ chain }, index) => `${index} : goto ${chain}`).join(', ');
    return [
      ...targets.map(({ set, chain }) => `${ip} saddr @${set} goto ${chain}`),
      ...(backends.length > 0 ? [`numgen random mod ${backends.length} vmap { ${choices} }`] : []),
    ];
  }

  #addSticky({ id, protocol, affinitySeconds }: Frontend, backend: Backend): { set: string; chain: string } {
    const ip = ipWord(this.#options.family);
    // A new timeout gets a new set: an existing set cannot be changed.
    const set = `aff-${hash(`${id}${protocol}${backend.ip} ${backend.port}/${affinitySeconds}`)}`;
    const type = ip === 'ip' ? 'ipv4_addr' : 'ipv6_addr';
    this.sets.set(set, `type ${type}; flags dynamic,timeout; timeout ${affinitySeconds}s;`);
    const target = ip === 'ip' ? `${backend.ip}:${backend.port}` : `[${backend.ip}]:${backend.port}`;
    const rules = [`update @${set} { ${ip} saddr }`, `meta l4proto ${protocol} dnat to ${target}`];
    return { set, chain: this.#ownChain('ep', rules) };
  }

  /** One rule for each range: ranges may overlap, which a set rejects. */
  #addGuard({ guardedIps = [], sourceRanges = [], protocol, port }: Frontend): void {
    if (guardedIps.length === 0) return;
    const ip = ipWord(this.#options.family);
    const chain = this.#ownChain('guard', [
      ...sourceRanges.map((range) => `${ip} saddr ${range} return`),
      'drop',
    ]);
    for (const address of guardedIps) {
      this.elements.set(`guarded_services ${address} . ${protocol} . ${port}`, `goto ${chain}`);
    }
  }

  #dispatch(address: Address, chain: string): void {
    this.elements.set(`${address.in} ${address.element}`, `goto ${chain}`);
  }

  /** Rejected when the service has no backend at all; dropped when the policy excludes all of them. */
  #reject({ anyBackends }: Frontend, address: Address): void {
    const verdict = anyBackends.length > 0 ? 'drop' : 'goto refuse';
    this.elements.set(`rejected_${address.in} ${address.element}`, verdict);
  }

  #number({ id, protocol }: Frontend, use: Use, address: Address, backends: readonly Backend[]): void {
    const key = `${id} ${protocol} ${use}`;
    const slots = this.slots.get(key) ?? keepSlots(this.#options.before?.slots.get(key) ?? [], backends);
    this.slots.set(key, slots);
    const first = use === 'local' ? localSlots : 0;
    for (const [slot, { ip, port }] of slots.entries()) {
      this.elements.set(`${address.backends} ${address.element} . ${first + slot}`, `${ip} . ${port}`);
    }
  }

  #shared({ name, rules }: SharedChain): string {
    this.chains.set(name, rules.join('\n'));
    return name;
  }

  /** A chain is named after its rules, and never changes: a packet meets the old chain or the new one. */
  #ownChain(kind: string, rules: readonly string[]): string {
    return this.#shared({ name: `${kind}-${hash(rules.join())}`, rules });
  }
}

function addressAt({ protocol, port }: Frontend, ip: string): Address {
  return { in: 'services', element: `${ip} . ${protocol} . ${port}`, backends: 'endpoints' };
}

function hash(text: string): string {
  return createHash('sha256').update(text).digest('hex').slice(0, 16);
}
