/** Gateways beside Ingresses on the same data path: from the definitions of their kinds to their statuses. */

import { customResourceDefinitions, endpointSlices, services } from '#api/generated/kinds.gen.ts';
import type { EndpointSlice } from '#api/generated/types.gen.ts';
import type { KubeObject, Stored } from '#api/meta/object.ts';
import type { ResourceType } from '#api/meta/resource.ts';
import { StatusError } from '#api/meta/status.ts';
import { rfc3339 } from '#base/clock.ts';
import type { Env } from '#base/env.ts';
import type { Client } from '#client/client.ts';
import type { Informer, Informers } from '#client/informers/informer.ts';
import type { View } from '../objects/view.ts';
import { type GatewayModel, gatewayModel } from './gateway-model.ts';
import { GatewayPorts } from './gateway-ports.ts';
import { addressOf, gatewayObjects, gatewayPorts, recordedPorts, serviceName } from './gateway-service.ts';
import type { GatewayView } from './gateway-view.ts';
import {
  controllerName,
  type Gateway,
  gatewayClasses,
  gatewayGroup,
  gateways,
  grpcRoutes,
  httpRoutes,
  referenceGrants,
} from './kinds.ts';
import { classStatus, gatewayStatus, routeStatus } from './statuses.ts';

export interface GatewaySideOptions {
  readonly env: Env;
  readonly client: Client;
  readonly informers: Informers;
  /** Where the proxy listens. */
  readonly address: string;
  readonly view: View;
}

/** The kinds whose definitions must be there; they are installed together. */
const lastDefinition = `referencegrants.${gatewayGroup}`;
const kinds: readonly ResourceType[] = [gatewayClasses, gateways, httpRoutes, grpcRoutes, referenceGrants];

export class GatewaySide {
  readonly #options: GatewaySideOptions;
  readonly #view: GatewayView;
  readonly #ports = new GatewayPorts();
  #isDefined = false;

  constructor(options: GatewaySideOptions) {
    this.#options = options;
    const { informers, view } = options;
    this.#view = {
      ...view,
      classes: () => informers.for(gatewayClasses).list(),
      gateways: () => informers.for(gateways).list(),
      httpRoutes: () => informers.for(httpRoutes).list(),
      grpcRoutes: () => informers.for(grpcRoutes).list(),
      grants: () => informers.for(referenceGrants).list(),
    };
  }

  /** Calls `onChange` for every change of a Gateway or a route, once their kinds are defined. Returns what ends it. */
  follow(onChange: () => void): () => void {
    const { informers } = this.#options;
    const stops: (() => void)[] = [];
    const look = (definition: Stored<KubeObject>) => {
      if (this.#isDefined || !isEstablished(definition)) return;
      this.#isDefined = true;
      const handlers = { onAdd: onChange, onUpdate: onChange, onDelete: onChange };
      for (const type of kinds) stops.push((informers.for(type) as Informer<KubeObject>).subscribe(handlers));
    };
    const selection = { fieldSelector: `metadata.name=${lastDefinition}` };
    const definitions = informers.for(customResourceDefinitions, selection) as Informer<KubeObject>;
    stops.push(definitions.subscribe({ onAdd: look, onUpdate: (_, now) => look(now) }));
    return () => {
      for (const stop of stops) stop();
    };
  }

  /** Whether there is a Gateway to be served, or a class that waits for its status. */
  get isWanted(): boolean {
    return this.#isDefined && this.#ownClasses().length > 0;
  }

  model(): GatewayModel {
    const { address } = this.#options;
    if (!this.isWanted) return { listeners: [], tables: [], backends: [], gateways: [], routes: [] };
    this.#givePorts();
    return gatewayModel(this.#view, address, ({ metadata }, port) => this.#ports.of(metadata.uid).get(port));
  }

  #givePorts(): void {
    const classes = new Set(this.#ownClasses().map(({ metadata }) => metadata.name));
    const own = this.#view.gateways().filter(({ spec }) => classes.has(spec.gatewayClassName));
    const requests = own.toSorted(byAge).map((gateway) => ({
      uid: gateway.metadata.uid,
      wanted: gatewayPorts(gateway),
      recorded: recordedPorts(this.#slice(gateway)),
    }));
    this.#ports.give(requests);
  }

  /** Writes Services and statuses; throws the first failure, after all have been tried. */
  async report(model: GatewayModel): Promise<void> {
    if (!this.isWanted) return;
    const time = { now: rfc3339(this.#options.env.clock.now()) };
    const writes: Promise<void>[] = this.#ownClasses().map((found) =>
      this.#writeStatus(gatewayClasses, found, classStatus(found, time)),
    );
    for (const report of model.gateways) {
      writes.push(this.#ensureService(report.gateway));
      const { namespace = '' } = report.gateway.metadata;
      const service = this.#view.service(namespace, serviceName(report.gateway));
      writes.push(
        this.#writeStatus(gateways, report.gateway, gatewayStatus(report, addressOf(service), time)),
      );
    }
    for (const report of model.routes) {
      const type = report.kind === 'HTTPRoute' ? httpRoutes : grpcRoutes;
      writes.push(this.#writeStatus(type, report.route, routeStatus(report, time)));
    }
    const failed = (await Promise.allSettled(writes)).find((result) => result.status === 'rejected');
    if (failed) throw failed.reason;
  }

  #ownClasses() {
    return this.#view.classes().filter(({ spec }) => spec.controllerName === controllerName);
  }

  /** The one of its own: users may add others to the Service. */
  #slice(gateway: Stored<Gateway>): EndpointSlice | undefined {
    const { namespace = '' } = gateway.metadata;
    const name = serviceName(gateway);
    return this.#view.slices(namespace, name).find(({ metadata }) => metadata.name === name);
  }

  async #ensureService(gateway: Stored<Gateway>): Promise<void> {
    const ports = this.#ports.of(gateway.metadata.uid);
    if (ports.size === 0 || sameText([...ports], [...recordedPorts(this.#slice(gateway))])) return;
    const { service, slice } = gatewayObjects(gateway, ports, this.#options.address);
    await this.#apply(services, service);
    await this.#apply(endpointSlices, slice);
  }

  async #apply<T extends KubeObject>(type: ResourceType<T>, object: T): Promise<void> {
    const { name = '', namespace = '' } = object.metadata ?? {};
    const options = { fieldManager: 'kybern-ingress', force: true };
    const apiVersion = type.group === '' ? type.version : `${type.group}/${type.version}`;
    const applied = { apiVersion, kind: type.kind, ...object };
    await this.#options.client.patch(type, { namespace, name }, 'apply', applied, options);
  }

  async #writeStatus<T extends KubeObject & { status?: object }>(
    type: ResourceType<T>,
    object: Stored<T>,
    status: object | undefined,
  ): Promise<void> {
    if (sameText(status, object.status)) return;
    const { namespace, name } = object.metadata;
    const key = namespace === undefined ? { name } : { namespace, name };
    try {
      await this.#options.client.patch(type, key, 'merge', { status }, { subresource: 'status' });
    } catch (error) {
      if (!(error instanceof StatusError && error.reason === 'NotFound')) throw error;
    }
  }
}

function byAge(a: Stored<Gateway>, b: Stored<Gateway>): number {
  const age = ({ metadata }: Stored<Gateway>) =>
    `${metadata.creationTimestamp} ${metadata.namespace}/${metadata.name}`;
  return age(a) < age(b) ? -1 : 1;
}

function isEstablished(
  definition: KubeObject & { status?: { conditions?: { type: string; status: string }[] } },
): boolean {
  const conditions = definition.status?.conditions ?? [];
  return conditions.some(({ type, status }) => type === 'Established' && status === 'True');
}

/** The order of members does not matter. */
function sameText(a: unknown, b: unknown): boolean {
  return JSON.stringify(sorted(a)) === JSON.stringify(sorted(b));
}

function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted);
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value).filter(([, field]) => field !== undefined);
  return Object.fromEntries(
    entries.toSorted(([x], [y]) => (x < y ? -1 : 1)).map(([key, field]) => [key, sorted(field)]),
  );
}
