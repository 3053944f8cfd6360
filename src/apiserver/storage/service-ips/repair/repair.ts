/**
 * Keeps services, their IPAddress objects and the record of node ports in agreement: everything at the start,
 * each object when it changes, and everything again every three minutes. Reads the server's cache, whose
 * kinds are all of one revision.
 */

import { ipAddresses, serviceCIDRs, services } from '#api/generated/kinds.gen.ts';
import { StatusError } from '#api/meta/status.ts';
import type { Env } from '#base/env.ts';
import type { Client } from '#client/client.ts';
import { createEventRecorder, type EventRecorder } from '#client/events/recorder.ts';
import { WorkQueue } from '#client/queue/work-queue.ts';
import type { ObjectFeed, ObjectReader } from '../../../contract/stored-objects.ts';
import { readObject, readObjects } from '../../../contract/typed-reader.ts';
import type { GivenAddresses } from '../given-addresses.ts';
import type { RangeRecord } from '../range-record.ts';
import { holdsAddress, rangesOf } from '../service-ranges.ts';
import { repairAddressObject } from './address.ts';
import { repairPortRecord } from './ports.ts';
import { type RepairView, repairService } from './service.ts';
import type { RepairPlan, RepairStep } from './step.ts';

/** Upstream's interval. */
const everythingMs = 3 * 60_000;

export interface ServiceRepairOptions {
  readonly env: Env;
  readonly reader: ObjectReader;
  readonly feed: ObjectFeed;
  readonly ports: RangeRecord;
  readonly given: GivenAddresses;
  /** With all rights. */
  readonly client: Client;
  /** Resolves when the cache holds all that was stored before the call. */
  readonly fresh: () => Promise<void>;
}

export class ServiceRepair {
  readonly #options: ServiceRepairOptions;
  readonly #queue: WorkQueue;
  readonly #addressEvents: EventRecorder;
  readonly #portEvents: EventRecorder;
  #leaks: ReadonlyMap<number, number> = new Map();
  #timer: { cancel(): void } | undefined;

  constructor(options: ServiceRepairOptions) {
    const { env, client } = options;
    this.#options = options;
    this.#queue = new WorkQueue(env.clock);
    this.#addressEvents = createEventRecorder({ env, client, component: 'ipallocator-repair-controller' });
    this.#portEvents = createEventRecorder({ env, client, component: 'portallocator-repair-controller' });
  }

  /**
   * Resolves when all that stored services hold is known to be taken: before it, no service may get anything.
   */
  async start(): Promise<void> {
    const { feed, given } = this.#options;
    await this.#repairPorts();
    for (const key of this.#everything()) await this.#repair(key);
    const reloaded = () => this.#lookAtEverything();
    feed.follow(services, {
      changed: (namespace, name, entry) => {
        const key = `${namespace}/${name}`;
        if (!given.isAwaited(key, entry?.fields['spec.clusterIP'])) this.#queue.add(key);
      },
      reloaded,
    });
    feed.follow(ipAddresses, {
      changed: (_namespace, name) => {
        if (!given.isCreation(name)) this.#queue.add(name);
      },
      reloaded,
    });
    void this.#work();
    this.#again();
  }

  stop(): void {
    this.#timer?.cancel();
    this.#queue.shutDown();
  }

  #again(): void {
    const { clock, log } = this.#options.env;
    this.#timer = clock.after(everythingMs, () => {
      this.#again();
      this.#lookAtEverything();
      this.#repairPorts().catch((error) => {
        log.warn('node ports could not be repaired', { error: String(error) });
      });
    });
  }

  #lookAtEverything(): void {
    for (const key of this.#everything()) this.#queue.add(key);
  }

  /** Services first: what they lack is made before what nothing refers to is removed. */
  #everything(): string[] {
    const { reader } = this.#options;
    const ofServices = readObjects(reader, services).map(
      ({ metadata }) => `${metadata?.namespace}/${metadata?.name}`,
    );
    return [...ofServices, ...readObjects(reader, ipAddresses).map(({ metadata }) => metadata?.name ?? '')];
  }

  async #repairPorts(): Promise<void> {
    const { ports, reader, fresh } = this.#options;
    const stored = async () => {
      await fresh();
      return readObjects(reader, services);
    };
    const repaired = await repairPortRecord(ports, ports.bounds, stored, this.#leaks);
    this.#leaks = repaired.leaks;
    for (const step of repaired.steps) await this.#carryOut(step, this.#portEvents);
  }

  async #work(): Promise<void> {
    for (let key = await this.#queue.get(); key !== undefined; key = await this.#queue.get()) {
      await this.#repair(key);
      this.#queue.done(key);
    }
  }

  async #repair(key: string): Promise<void> {
    try {
      const { steps, againInMs } = this.#judge(key);
      for (const step of steps) await this.#carryOut(step, this.#addressEvents);
      if (againInMs !== undefined) this.#queue.addAfter(key, againInMs);
      this.#queue.forget(key);
    } catch (error) {
      this.#options.env.log.warn('a service address could not be repaired', { key, error: String(error) });
      this.#queue.addRateLimited(key);
    }
  }

  /** Keys with a slash are services. */
  #judge(key: string): RepairPlan {
    const { reader, env } = this.#options;
    const [first = '', name] = key.split('/');
    if (name !== undefined) {
      const service = readObject(reader, services, first, name);
      return service ? repairService(service, this.#view()) : { steps: [] };
    }
    const address = readObject(reader, ipAddresses, '', first);
    return address ? repairAddressObject(address, this.#view(), env.clock.now()) : { steps: [] };
  }

  #view(): RepairView {
    const { reader } = this.#options;
    return {
      address: (name) => readObject(reader, ipAddresses, '', name),
      service: (namespace, name) => readObject(reader, services, namespace, name),
      isInRange: (address) =>
        readObjects(reader, serviceCIDRs).some((range) =>
          rangesOf(range).some((cidr) => holdsAddress(cidr, address)),
        ),
    };
  }

  async #carryOut(step: RepairStep, events: EventRecorder): Promise<void> {
    const { client } = this.#options;
    if (step.do === 'warn') events.event(step.regarding, 'Warning', step.reason, step.message);
    else if (step.do === 'create') await client.create(ipAddresses, step.address);
    else await client.delete(ipAddresses, { name: step.name }).catch(unlessGone);
  }
}

function unlessGone(error: unknown): void {
  if (!(error instanceof StatusError && error.code === 404)) throw error;
}
