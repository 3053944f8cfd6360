/**
 * Keeps the ServiceCIDR `kubernetes`, from which services have their addresses: made when it is missing,
 * marked Ready while it says what this server was started with. Follows upstream's
 * kubernetes-service-cidr-controller.
 */

import { serviceCIDRs } from '#api/generated/kinds.gen.ts';
import type { ServiceCIDR } from '#api/generated/types.gen.ts';
import { conditionOf } from '#api/meta/conditions.ts';
import type { Stored } from '#api/meta/object.ts';
import { StatusError } from '#api/meta/status.ts';
import { rfc3339 } from '#base/clock.ts';
import type { Env } from '#base/env.ts';
import { Repeater } from '#base/repeater.ts';
import type { Client } from '#client/client.ts';
import { createEventRecorder, type EventRecorder } from '#client/events/recorder.ts';
import type { ObjectReader } from '../contract/stored-objects.ts';
import { readObject } from '../contract/typed-reader.ts';

const name = 'kubernetes';
/** Upstream's interval. */
const checkMs = 10_000;

export interface DefaultServiceRangeOptions {
  readonly env: Env;
  /** With all rights. */
  readonly client: Client;
  readonly reader: ObjectReader;
  readonly cidrs: readonly string[];
}

export class DefaultServiceRange {
  readonly #options: DefaultServiceRangeOptions;
  readonly #events: EventRecorder;
  readonly #reported = new Set<string>();
  readonly #checks: Repeater;

  constructor(options: DefaultServiceRangeOptions) {
    const { env, client } = options;
    this.#options = options;
    const { clock, log } = options.env;
    this.#checks = new Repeater(clock, checkMs, () => {
      this.#check().catch((error: Error) => {
        log.warn('the default ServiceCIDR could not be kept', { error: error.message });
      });
    });
    this.#events = createEventRecorder({ env, client, component: 'kubernetes-service-cidr-controller' });
  }

  /** Resolves when it is there. */
  async start(): Promise<void> {
    await this.#check();
    this.#checks.start();
  }

  stop(): void {
    this.#checks.stop();
  }

  async #check(): Promise<void> {
    const found = readObject(this.#options.reader, serviceCIDRs, '', name) as Stored<ServiceCIDR> | undefined;
    const range = found ?? (await this.#create());
    if (range && !range.metadata.deletionTimestamp) await this.#checkStatus(range);
  }

  /** Undefined when another API server was faster. */
  async #create(): Promise<Stored<ServiceCIDR> | undefined> {
    const { client, cidrs } = this.#options;
    try {
      return await client.create(serviceCIDRs, { metadata: { name }, spec: { cidrs: [...cidrs] } });
    } catch (error) {
      if (error instanceof StatusError && error.reason === 'AlreadyExists') return undefined;
      throw error;
    }
  }

  async #checkStatus(range: Stored<ServiceCIDR>): Promise<void> {
    const { env, client, cidrs } = this.#options;
    const own = range.spec?.cidrs ?? [];
    if (own.join() !== cidrs.join()) {
      const message = `The default ServiceCIDR [${own.join(' ')}] does not match the controller flag configurations [${cidrs.join(' ')}]`;
      return this.#warn(range, 'KubernetesDefaultServiceCIDRInconsistent', message);
    }
    const ready = conditionOf(range.status, 'Ready');
    if (ready?.status === 'True') return;
    if (ready?.status === 'False') {
      return this.#warn(range, ready.reason ?? '', `Configuration matches, but ${ready.message}`);
    }
    const condition = {
      type: 'Ready',
      status: 'True',
      reason: '',
      message: 'Kubernetes default Service CIDR is ready',
      lastTransitionTime: rfc3339(env.clock.now()),
    };
    await client.patch(
      serviceCIDRs,
      { name },
      'merge',
      { status: { conditions: [condition] } },
      { subresource: 'status' },
    );
  }

  /** Once for each reason, as long as the server runs. */
  #warn(range: Stored<ServiceCIDR>, reason: string, message: string): void {
    if (this.#reported.has(reason)) return;
    this.#reported.add(reason);
    this.#events.event(range, 'Warning', reason, message);
  }
}
