/**
 * Reserves room in the quotas of a namespace before objects are stored, by compare-and-set on `status.used`,
 * so that any number of API servers together stay within it. What was reserved and then not stored, the quota
 * controller finds.
 *
 * 1. Requests of one namespace that arrive while it is busy wait, and are checked together.
 * 2. Each is checked against the quotas as the requests before it would leave them; who finds no room is
 *    refused.
 * 3. Every quota that changed is written, expecting the version that was read.
 * 4. The requests are admitted when all are written. Where another server was faster, the newest version of
 *    those quotas is read, and the requests are checked against them once more.
 */

import { resourceQuotas } from '#api/generated/kinds.gen.ts';
import type { ResourceQuota } from '#api/generated/types.gen.ts';
import type { Stored } from '#api/meta/object.ts';
import { StatusError } from '#api/meta/status.ts';
import type { ServerClient } from '../../contract/server-client.ts';
import { checkRequest, type Quota, type QuotaRequest } from './check-request.ts';

/** Each failed try means that another server has admitted something. */
const triesMax = 20;

export interface QuotaStore {
  /** The quotas of the namespace; the newest change may be missing. */
  list(namespace: string): readonly Quota[];
  readonly serverClient: Pick<ServerClient, 'get' | 'guaranteedUpdate'>;
}

interface Waiting {
  readonly request: QuotaRequest;
  readonly admit: () => void;
  readonly refuse: (error: unknown) => void;
}

export class QuotaEvaluator {
  readonly #store: QuotaStore;
  /** Waiting requests by namespace; a namespace with an entry is being worked on. */
  readonly #waiting = new Map<string, Waiting[]>();

  constructor(store: QuotaStore) {
    this.#store = store;
  }

  /** Resolves when room is reserved, or the request needs none. Rejects with 403 when there is none. */
  evaluate(request: QuotaRequest): Promise<void> {
    return new Promise((admit, refuse) => {
      const { namespace } = request.attributes;
      const waiting = this.#waiting.get(namespace);
      if (waiting) waiting.push({ request, admit, refuse });
      else {
        this.#waiting.set(namespace, [{ request, admit, refuse }]);
        void this.#work(namespace);
      }
    });
  }

  async #work(namespace: string): Promise<void> {
    // By its own writes this server knows versions that its cache may not have seen yet.
    const written = new Map<string, Quota>();
    for (let batch = this.#take(namespace); batch; batch = this.#take(namespace)) {
      try {
        await this.#reserve(namespace, batch, written);
      } catch (error) {
        for (const { refuse } of batch) refuse(error);
      }
    }
  }

  #take(namespace: string): Waiting[] | undefined {
    const batch = this.#waiting.get(namespace);
    if (batch?.length) this.#waiting.set(namespace, []);
    else this.#waiting.delete(namespace);
    return batch?.length ? batch : undefined;
  }

  async #reserve(namespace: string, batch: readonly Waiting[], written: Map<string, Quota>): Promise<void> {
    let quotas = this.#store.list(namespace).map((quota) => newer(quota, written.get(quota.metadata.name)));
    let waiting = batch;
    for (let tries = 1; waiting.length > 0; tries++) {
      const checked = check(quotas, waiting);
      const outcomes = await Promise.all(checked.changed.map((quota) => this.#write(quota)));
      for (const { stored } of outcomes) if (stored) written.set(stored.metadata.name, stored);
      const lost = outcomes.filter(({ conflict }) => conflict);
      if (lost.length === 0) {
        for (const { admit } of checked.fitting) admit();
        return;
      }
      if (tries === triesMax) throw lost[0]!.conflict;
      quotas = await this.#newest(lost.map(({ quota }) => quota));
      waiting = checked.fitting;
    }
  }

  async #write(quota: Quota): Promise<{ quota: Quota; stored?: Quota; conflict?: StatusError }> {
    const { name, namespace = '', resourceVersion } = quota.metadata;
    try {
      const stored = await this.#store.serverClient.guaranteedUpdate(
        resourceQuotas,
        namespace,
        name,
        (current) => ({
          ...current,
          metadata: { ...current.metadata, resourceVersion },
          status: quota.status,
        }),
      );
      return { quota, stored: stored as Quota };
    } catch (error) {
      const isLost = error instanceof StatusError && (error.code === 409 || error.code === 404);
      if (!isLost) throw error;
      return { quota, conflict: error };
    }
  }

  /** A quota that was deleted meanwhile limits nothing. */
  async #newest(quotas: readonly Quota[]): Promise<Quota[]> {
    const found = await Promise.all(
      quotas.map(({ metadata: { name, namespace = '' } }) =>
        this.#store.serverClient.get(resourceQuotas, namespace, name).catch(unlessGone),
      ),
    );
    return found.filter((quota) => quota !== undefined) as Stored<ResourceQuota>[];
  }
}

interface Checked {
  /** The requests for which there is room, once `changed` is written. The others have been answered. */
  readonly fitting: readonly Waiting[];
  readonly changed: readonly Quota[];
}

function check(quotas: readonly Quota[], waiting: readonly Waiting[]): Checked {
  let running = quotas;
  const fitting: Waiting[] = [];
  for (const waiter of waiting) {
    try {
      const after = checkRequest(running, waiter.request);
      const isChanged = after.some((quota, i) => quota !== running[i]);
      if (waiter.request.attributes.dryRun || !isChanged) waiter.admit();
      else {
        running = after;
        fitting.push(waiter);
      }
    } catch (error) {
      waiter.refuse(error);
    }
  }
  return { fitting, changed: running.filter((quota, i) => quota !== quotas[i]) };
}

function newer(cached: Quota, written: Quota | undefined): Quota {
  if (!written || written.metadata.uid !== cached.metadata.uid) return cached;
  return Number(written.metadata.resourceVersion) > Number(cached.metadata.resourceVersion)
    ? written
    : cached;
}

function unlessGone(error: unknown): undefined {
  if (!(error instanceof StatusError && error.code === 404)) throw error;
}
