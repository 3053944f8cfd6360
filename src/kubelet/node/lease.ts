/** Renews the leases of this process's nodes: the heartbeat that the node controller watches. */

import { leases } from '#api/generated/kinds.gen.ts';
import { StatusError } from '#api/meta/status.ts';
import { rfc3339Micro, type Timer } from '#base/clock.ts';
import type { Env } from '#base/env.ts';
import type { Client } from '#client/client.ts';

export interface LeaseOwner {
  /** Acts as the node. */
  readonly client: Client;
  readonly nodeName: string;
  readonly nodeUid: string;
  /** Called when the lease is renewed after it could not be. */
  readonly onRenewedAgain?: () => void;
}

const leaseNamespace = 'kube-node-lease';
export const leaseDurationSeconds = 40;
const renewIntervalMs = 10_000;
const retryMs = 1000;
/** Renewals are spread over the interval in so many turns. */
const turns = 20;

/** One loop for any number of nodes: in each turn those whose time has come. */
export class LeaseLoop {
  readonly #env: Env;
  /** By node name. */
  readonly #slots: Map<string, LeaseOwner>[] = Array.from({ length: turns }, () => new Map());
  /** Names of nodes whose last renewal failed. */
  readonly #failing = new Set<string>();
  #turn = 0;
  #timer: Timer | undefined;
  #count = 0;

  constructor(env: Env) {
    this.#env = env;
  }

  async add(owner: LeaseOwner): Promise<void> {
    this.remove(owner.nodeName);
    this.#slots[this.#count++ % turns]!.set(owner.nodeName, owner);
    this.#timer ??= this.#env.clock.after(renewIntervalMs / turns, () => this.#next());
    await this.#renew(owner);
  }

  remove(nodeName: string): void {
    for (const slot of this.#slots) slot.delete(nodeName);
    this.#failing.delete(nodeName);
  }

  stop(): void {
    this.#timer?.cancel();
    for (const slot of this.#slots) slot.clear();
  }

  #next(): void {
    const due = this.#slots[this.#turn++ % turns]!;
    for (const owner of due.values()) void this.#renew(owner);
    this.#timer = this.#env.clock.after(renewIntervalMs / turns, () => this.#next());
  }

  async #renew(owner: LeaseOwner, again = true): Promise<void> {
    const key = { namespace: leaseNamespace, name: owner.nodeName };
    const renewTime = rfc3339Micro(this.#env.clock.now());
    try {
      await owner.client.patch(leases, key, 'merge', { spec: { renewTime } });
      if (this.#failing.delete(owner.nodeName)) owner.onRenewedAgain?.();
    } catch (error) {
      if (error instanceof StatusError && error.code === 404) return this.#create(owner, renewTime);
      this.#failing.add(owner.nodeName);
      if (again) this.#env.clock.after(retryMs, () => void this.#renew(owner, false));
    }
  }

  async #create(owner: LeaseOwner, renewTime: string): Promise<void> {
    const { client, nodeName, nodeUid } = owner;
    const ownerReferences = [{ apiVersion: 'v1', kind: 'Node', name: nodeName, uid: nodeUid }];
    try {
      await client.create(leases, {
        metadata: { name: nodeName, namespace: leaseNamespace, ownerReferences },
        spec: { holderIdentity: nodeName, leaseDurationSeconds, renewTime },
      });
    } catch (error) {
      // The namespace may not be there yet; the next turn tries again.
      this.#env.log.debug('a node lease could not be created', { node: nodeName, error: String(error) });
    }
  }
}
