/**
 * Keeps the condition Available of every APIService: versions of this server are available; another server is
 * available when its service has endpoints and its discovery answers. Checked every half minute, and when the
 * service or its endpoints change.
 */

import { isDeepStrictEqual } from 'node:util';
import { apiServices, endpointSlices, services } from '#api/generated/kinds.gen.ts';
import type { APIService, APIServiceCondition } from '#api/generated/types.gen.ts';
import { localCondition } from '#api/kinds/extensions/api-service.ts';
import { conditionOf } from '#api/meta/conditions.ts';
import type { Stored } from '#api/meta/object.ts';
import { StatusError } from '#api/meta/status.ts';
import { groupMasters } from '#api/meta/user.ts';
import { rfc3339 } from '#base/clock.ts';
import type { Env } from '#base/env.ts';
import { errorText } from '#base/text/error-text.ts';
import type { Client } from '#client/client.ts';
import type { ObjectFeed, ObjectReader } from '../contract/stored-objects.ts';
import { readObject } from '../contract/typed-reader.ts';
import { serviceNameLabel } from '../outgoing/service-endpoint.ts';
import type { AggregatorMetrics } from './aggregator-metrics.ts';
import type { ApiServices, Registered, RemoteServer } from './api-services.ts';
import { type Availability, failed, passed, serviceFailure } from './availability.ts';
import type { ExtensionDocuments } from './extension-documents.ts';
import { RefreshLoop } from './refresh-loop.ts';

const intervals = { refreshMs: 30_000, retryMs: 5, retryMsMax: 30_000, workers: 5 };
const aggregator = { name: 'system:kube-aggregator', groups: [groupMasters] };
const timeoutMs = 5000;
/** Requests at the same time: with several endpoints one answer is enough. */
const attempts = 5;

interface AvailabilityParts {
  readonly env: Env;
  readonly services: ApiServices;
  readonly reader: ObjectReader;
  readonly feed: ObjectFeed;
  readonly documents: ExtensionDocuments;
  readonly metrics: AggregatorMetrics;
}

export class AvailabilityController {
  readonly #parts: AvailabilityParts;
  readonly #loop: RefreshLoop;
  #client: Client | undefined;

  constructor(parts: AvailabilityParts) {
    this.#parts = parts;
    this.#loop = new RefreshLoop(parts.env.clock, intervals, (name) => this.#sync(name));
  }

  start(client: Client): void {
    this.#client = client;
    const { services: registered, feed } = this.#parts;
    const all = () => {
      for (const { name, remote } of registered.all) if (remote) this.#loop.now(name);
    };
    registered.onChange((name) => this.#loop.now(name));
    feed.follow(services, {
      changed: (namespace, name) => this.#serviceChanged(namespace, name),
      reloaded: all,
    });
    feed.follow(endpointSlices, {
      changed: (namespace, _, entry) => {
        const name = entry?.object().metadata?.labels?.[serviceNameLabel];
        this.#serviceChanged(namespace, name);
      },
      reloaded: all,
    });
    for (const { name } of registered.all) this.#loop.now(name);
    this.#loop.start();
  }

  stop(): void {
    this.#loop.stop();
  }

  /** `name`: undefined for any service of the namespace. */
  #serviceChanged(namespace: string, name: string | undefined): void {
    if (!this.#parts.services.hasRemotes) return;
    for (const { name: key, remote } of this.#parts.services.all) {
      if (remote?.service.namespace !== namespace) continue;
      if (name === undefined || remote.service.name === name) this.#loop.now(key);
    }
  }

  async #sync(name: string): Promise<'again' | 'over'> {
    const { services: registered, metrics, reader } = this.#parts;
    const found = registered.find(name);
    const object = readObject(reader, apiServices, '', name) as Stored<APIService> | undefined;
    if (!found || !object) {
      metrics.forget(name);
      return 'over';
    }
    const availability = await this.#judge(found);
    await this.#write(object, availability);
    if (availability.reason === 'FailedDiscoveryCheck') throw new Error(availability.message);
    return found.remote ? 'again' : 'over';
  }

  async #judge({ group, version, remote }: Registered): Promise<Availability> {
    if (!remote) return localCondition('');
    const failure = serviceFailure(this.#parts.reader, remote.service);
    if (failure) return failure;
    const path = group === '' ? `/api/${version}` : `/apis/${group}/${version}`;
    const asked = Array.from({ length: attempts }, () => this.#ask(remote, path));
    try {
      await Promise.any(asked);
      return passed;
    } catch (error) {
      return failed('FailedDiscoveryCheck', errorText((error as AggregateError).errors.at(-1)));
    }
  }

  async #ask(server: RemoteServer, path: string): Promise<void> {
    const { url, why } = await this.#parts.documents
      .probe(server, { user: aggregator, path, timeoutMs })
      .then(
        ({ url, status }) => ({
          url,
          why: status >= 200 && status < 300 ? undefined : `bad status from ${url}: ${status}`,
        }),
        (error: Error & { readonly url?: string }) => ({ url: error.url, why: error.message }),
      );
    if (why === undefined) return;
    throw new Error(url === undefined ? why : `failing or missing response from ${url}: ${why}`);
  }

  async #write(stored: Stored<APIService>, { status, reason, message }: Availability): Promise<void> {
    const { metrics, env } = this.#parts;
    const { name } = stored.metadata;
    metrics.set(name, status === 'True');
    const known = conditionOf(stored.status, 'Available');
    const isSame = known?.status === status && known.lastTransitionTime;
    const lastTransitionTime = isSame ? known.lastTransitionTime : rfc3339(env.clock.now());
    const condition = {
      lastTransitionTime,
      message,
      reason,
      status,
      type: 'Available',
    } as APIServiceCondition;
    if (isDeepStrictEqual({ ...known }, condition)) return;
    const others = (stored.status?.conditions ?? []).filter(({ type }) => type !== 'Available');
    const changed = { ...stored, status: { ...stored.status, conditions: [...others, condition] } };
    try {
      await this.#client!.updateStatus(apiServices, changed);
    } catch (error) {
      // The APIService was changed or deleted meanwhile: that change enqueues it.
      if (error instanceof StatusError && (error.code === 404 || error.code === 409)) return;
      throw error;
    }
    if (known?.status === 'True' && status !== 'True') metrics.becameUnavailable(name, reason!);
    env.log.debug('the availability of an APIService has changed', { name, status, reason: reason ?? '' });
  }
}
