/** The addresses that the table of this node sends to, in the kernel or once it is written. */

import type { Frontend } from './frontends/frontend.ts';

export class Targets {
  readonly #byOwner = new Map<string, ReadonlySet<string>>();
  readonly #uses = new Map<string, number>();
  /** Addresses that the kernel may still send to, once for each use that has ended. */
  #ending: string[] = [];

  has(ip: string): boolean {
    return this.#uses.has(ip);
  }

  /** The earlier addresses of `owner` count until `settle`. */
  put(owner: string, frontends: readonly Frontend[]): void {
    const ips = targetsOf(frontends);
    for (const ip of ips) this.#uses.set(ip, (this.#uses.get(ip) ?? 0) + 1);
    this.#ending.push(...(this.#byOwner.get(owner) ?? []));
    if (ips.size > 0) this.#byOwner.set(owner, ips);
    else this.#byOwner.delete(owner);
  }

  /** The table is written. */
  settle(): void {
    for (const ip of this.#ending) {
      const uses = this.#uses.get(ip)! - 1;
      if (uses === 0) this.#uses.delete(ip);
      else this.#uses.set(ip, uses);
    }
    this.#ending = [];
  }
}

export function targetsOf(frontends: readonly Frontend[]): Set<string> {
  const ips = new Set<string>();
  for (const { backends, externalBackends, anyBackends } of frontends) {
    for (const list of new Set([backends, externalBackends, anyBackends])) {
      for (const { ip } of list) ips.add(ip);
    }
  }
  return ips;
}
