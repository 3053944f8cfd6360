/**
 * All that gives services their addresses and node ports in one API server: the range, the allocator, and the
 * repair of both.
 */

import type { Registry } from 'prom-client';
import type { Env } from '#base/env.ts';
import type { Client } from '#client/client.ts';
import type { Store } from '#store/store.ts';
import { DefaultServiceRange } from '../../bootstrap/default-service-range.ts';
import { registerMetrics } from '../../contract/register-metrics.ts';
import type { ServerClient } from '../../contract/server-client.ts';
import type { StorageHooks } from '../../contract/storage-hooks.ts';
import type { ObjectFeed, ObjectReader } from '../../contract/stored-objects.ts';
import { AddressMetrics, nodePortMetrics } from './allocation-metrics.ts';
import { ServiceAllocator } from './allocator.ts';
import { GivenAddresses } from './given-addresses.ts';
import { nodePortBounds } from './node-ports.ts';
import { RangeRecord } from './range-record.ts';
import { ServiceRepair } from './repair/repair.ts';
import { familyOf, ServiceAddresses } from './service-addresses.ts';

export interface ServiceAllocationsOptions {
  readonly env: Env;
  readonly store: Store;
  /** One for each address family, the primary family first: `10.96.0.0/16,fd00:96::/112`. */
  readonly serviceCidr: string;
  /** Default: upstream's. */
  readonly nodePorts?: { readonly first: number; readonly last: number } | undefined;
  /** Where metrics go. Default: nowhere. */
  readonly registry?: Registry;
}

/** The server, once it runs. */
export interface RunningServer {
  readonly reader: ObjectReader;
  readonly feed: ObjectFeed;
  /** Resolves when `reader` shows everything that is stored now. */
  fresh(): Promise<void>;
}

export class ServiceAllocations {
  isStarted = false;
  readonly #options: ServiceAllocationsOptions;
  readonly #nodePorts: RangeRecord;
  readonly #given = new GivenAddresses();
  readonly #stops: (() => void)[] = [];

  constructor(options: ServiceAllocationsOptions) {
    this.#options = options;
    this.#nodePorts = new RangeRecord({
      store: options.store,
      key: '/registry/ranges/servicenodeports',
      resource: 'servicenodeportallocations',
      bounds: nodePortBounds(options.nodePorts),
      random: options.env.random,
    });
  }

  hooks({ reader, serverClient }: { reader: ObjectReader; serverClient: ServerClient }): StorageHooks {
    const { env, registry } = this.#options;
    const { log, random } = env;
    const [ports, given] = [this.#nodePorts, this.#given];
    const metrics = new AddressMetrics(env.clock, reader);
    if (registry) {
      registerMetrics(registry, [
        ...metrics.metrics,
        ...nodePortMetrics(() => ports.lastTaken, ports.bounds),
      ]);
    }
    const addresses = new ServiceAddresses({ reader, serverClient, given, random, log, metrics });
    const families = this.#options.serviceCidr.split(',').map(familyOf);
    return new ServiceAllocator({ addresses, families, ports, serverClient, log }).hooks;
  }

  /**
   * Before anyone can ask for a service: the range is there, and what stored services hold is taken. `client`
   * has all rights.
   */
  async start({ reader, feed, fresh }: RunningServer, client: Client): Promise<void> {
    const { env, serviceCidr } = this.#options;
    const range = new DefaultServiceRange({ env, client, reader, cidrs: serviceCidr.split(',') });
    const [ports, given] = [this.#nodePorts, this.#given];
    const repair = new ServiceRepair({ env, client, reader, feed, ports, given, fresh });
    this.#stops.push(
      () => range.stop(),
      () => repair.stop(),
    );
    await range.start();
    await repair.start();
    this.isStarted = true;
  }

  stop(): void {
    for (const stop of this.#stops.splice(0)) stop();
  }
}
