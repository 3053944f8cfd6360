/** What one node's proxy sees of the API: the frontends it serves and the health checks it answers. */

import { endpointSlices, nodes, pods, services } from '#api/generated/kinds.gen.ts';
import type { EndpointSlice, Node, Pod, Service } from '#api/generated/types.gen.ts';
import type { Informer, Informers } from '#client/informers/informer.ts';
import { type HealthCheck, healthCheckOf } from './health-checks.ts';
import { type Frontend, hostPortFrontends, serviceFrontends } from './model.ts';

export interface Offer {
  readonly frontends: readonly Frontend[];
  readonly checks: readonly HealthCheck[];
}

const serviceNameLabel = 'kubernetes.io/service-name';
const zoneLabel = 'topology.kubernetes.io/zone';
const indexName = 'service';

export interface ServiceViewOptions {
  readonly informers: Informers;
  /** Informers of the node's own objects: its pods have host ports. */
  readonly nodeInformers: Informers;
  readonly nodeName: string;
}

export class ServiceView {
  readonly #nodeName: string;
  readonly #services: Informer<Service>;
  readonly #slices: Informer<EndpointSlice>;
  readonly #pods: Informer<Pod>;
  readonly #nodes: Informer<Node>;

  constructor({ informers, nodeInformers, nodeName }: ServiceViewOptions) {
    this.#nodeName = nodeName;
    this.#services = informers.for<Service>(services);
    this.#slices = informers.for<EndpointSlice>(endpointSlices);
    this.#pods = nodeInformers.for<Pod>(pods, { fieldSelector: `spec.nodeName=${nodeName}` });
    this.#nodes = informers.for<Node>(nodes, { fieldSelector: `metadata.name=${nodeName}` });
    this.#slices.addIndex(indexName, ({ metadata }) => {
      const name = metadata.labels?.[serviceNameLabel];
      return name ? [`${metadata.namespace}/${name}`] : [];
    });
  }

  async synced(): Promise<void> {
    await Promise.all(
      [this.#services, this.#slices, this.#pods, this.#nodes].map((informer) => informer.synced()),
    );
  }

  /** Of a node only the zone matters; its status changes often. */
  subscribe(onChange: () => void): () => void {
    const handlers = { onAdd: onChange, onUpdate: onChange, onDelete: onChange };
    const onUpdate = (before: Node, now: Node) => zoneOf(before) === zoneOf(now) || onChange();
    const stops = [
      this.#services.subscribe(handlers),
      this.#slices.subscribe(handlers),
      this.#pods.subscribe(handlers),
      this.#nodes.subscribe({ ...handlers, onUpdate }),
    ];
    return () => {
      for (const stop of stops) stop();
    };
  }

  /** Undefined after the node is deleted. */
  get node(): Node | undefined {
    return this.#nodes.get(undefined, this.#nodeName);
  }

  offer(): Offer {
    const nodeName = this.#nodeName;
    const place = { nodeName, zone: zoneOf(this.node) };
    const frontends: Frontend[] = [];
    const checks: HealthCheck[] = [];
    for (const service of this.#services.list()) {
      const { namespace, name } = service.metadata;
      const slices = this.#slices.byIndex(indexName, `${namespace}/${name}`);
      const own = serviceFrontends(service, slices, place);
      if (own.length === 0) continue;
      const check = healthCheckOf(service, slices, nodeName);
      if (check) checks.push(check);
      frontends.push(...own);
    }
    for (const pod of this.#pods.list()) frontends.push(...hostPortFrontends(pod));
    return { frontends, checks };
  }
}

function zoneOf(node: Node | undefined): string {
  return node?.metadata?.labels?.[zoneLabel] ?? '';
}
