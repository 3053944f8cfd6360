/**
 * Load balancers without a cloud: each Service gets an address of the cluster's own range, which the service proxy of
 * every node sends to its endpoints. `announce` makes the address known where packets to it would not come by themselves.
 */

import type { LoadBalancerIngress, LoadBalancerStatus, Service } from '#api/generated/types.gen.ts';
import type { Stored } from '#api/meta/object.ts';
import type { CloudProvider, LoadBalancers } from '../cloud-provider.ts';
import { wantsLoadBalancer } from '../load-balancers/balanced-service.ts';
import { AddressRange } from './address-range.ts';

export interface Announcer {
  announce(address: string): Promise<void>;
  withdraw(address: string): Promise<void>;
}

interface Holder {
  readonly uid: string;
  /** `namespace/name`. */
  readonly name: string;
}

/** `ranges`: one for each address family, `10.112.0.0/24`. */
export function localProvider(ranges: readonly string[], announcer: Announcer): CloudProvider {
  const loadBalancers = new LocalLoadBalancers(
    ranges.map((text) => new AddressRange(text)),
    announcer,
  );
  return { name: 'local', loadBalancers };
}

export class LocalLoadBalancers implements LoadBalancers {
  readonly #ranges: readonly AddressRange[];
  readonly #announcer: Announcer;
  readonly #holders = new Map<string, Holder>();

  constructor(ranges: readonly AddressRange[], announcer: Announcer) {
    this.#ranges = ranges;
    this.#announcer = announcer;
  }

  /** The oldest Service keeps an address that several have. */
  restore(services: readonly Stored<Service>[]): void {
    const created = ({ metadata }: Stored<Service>) => metadata.creationTimestamp ?? '';
    const sorted = [...services].sort((a, b) => (created(a) < created(b) ? -1 : 1));
    for (const service of sorted.filter(wantsLoadBalancer)) {
      for (const address of statusAddresses(service)) {
        if (this.#rangeOf(address) && !this.#holders.has(address)) {
          this.#holders.set(address, holderOf(service));
        }
      }
    }
  }

  async exists(service: Stored<Service>): Promise<boolean> {
    return this.#held(service).length > 0;
  }

  async ensure(service: Stored<Service>): Promise<LoadBalancerStatus> {
    const wanted = this.#choose(service);
    for (const address of this.#held(service).filter((held) => !wanted.includes(held))) {
      await this.#release(address);
    }
    // Before anything is awaited: two Services at once must not choose the same.
    for (const address of wanted) this.#holders.set(address, holderOf(service));
    for (const address of wanted) await this.#announcer.announce(address);
    return { ingress: wanted.map((ip): LoadBalancerIngress => ({ ip, ipMode: 'VIP' })) };
  }

  /** Every node sends to the endpoints itself. */
  async update(): Promise<void> {}

  async remove(service: Stored<Service>): Promise<void> {
    for (const address of this.#held(service)) await this.#release(address);
  }

  /** Throws with what stands in the way. */
  #choose(service: Stored<Service>): string[] {
    const families = service.spec?.ipFamilies ?? ['IPv4'];
    const ranges = this.#ranges.filter(({ family }) => families.includes(`IPv${family}`));
    if (ranges.length === 0) throw new Error(`there is no range of ${families.join(' and ')} addresses`);
    const requested = service.spec?.loadBalancerIP;
    if (requested && !this.#rangeOf(requested)) {
      throw new Error(
        `the address ${requested} is not in ${this.#ranges.map(({ text }) => text).join(' or ')}`,
      );
    }
    return ranges.map((range) =>
      requested && range.has(requested) ? this.#mustBeFree(requested, service) : this.#kept(range, service),
    );
  }

  #mustBeFree(address: string, service: Stored<Service>): string {
    const holder = this.#holders.get(address);
    if (!holder || holder.uid === service.metadata.uid) return address;
    throw new Error(`the address ${address} is taken by the service ${holder.name}`);
  }

  /** The address that the Service has, or a free one. */
  #kept(range: AddressRange, service: Stored<Service>): string {
    const kept = this.#held(service).find((address) => range.has(address));
    if (kept) return kept;
    for (const address of range.addresses()) if (!this.#holders.has(address)) return address;
    throw new Error(`all addresses of ${range.text} are taken`);
  }

  #held({ metadata }: Stored<Service>): string[] {
    return [...this.#holders].flatMap(([address, { uid }]) => (uid === metadata.uid ? [address] : []));
  }

  async #release(address: string): Promise<void> {
    await this.#announcer.withdraw(address);
    this.#holders.delete(address);
  }

  #rangeOf(address: string): AddressRange | undefined {
    return this.#ranges.find((range) => range.has(address));
  }
}

function holderOf({ metadata }: Stored<Service>): Holder {
  return { uid: metadata.uid, name: `${metadata.namespace}/${metadata.name}` };
}

function statusAddresses({ status }: Service): string[] {
  return (status?.loadBalancer?.ingress ?? []).flatMap(({ ip }) => ip ?? []);
}
