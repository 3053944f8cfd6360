/** What one node's proxy sees of the API: the frontends it serves and the health checks it answers. */

import { endpointSlices, nodes, pods, services } from '#api/generated/kinds.gen.ts';
import type { EndpointSlice, Node, Pod, Service } from '#api/generated/types.gen.ts';
import type { Informer, Informers } from '#client/informers/informer.ts';
import type { Family, Frontend } from './frontends/frontend.ts';
import { hasHostPorts, hostPortFrontends } from './frontends/host-ports.ts';
import { serviceFrontends } from './frontends/service-frontends.ts';
import { type HealthCheck, healthCheckOf } from './health-checks.ts';

/** What a service or a pod with host ports offers; nothing once it is deleted. */
export interface Offer {
  readonly frontends: readonly Frontend[];
  readonly check?: HealthCheck | undefined;
}

const serviceNameLabel = 'kubernetes.io/service-name';
const zoneLabel = 'topology.kubernetes.io/zone';
const indexName = 'service';

export interface ServiceViewOptions {
  readonly informers: Informers;
  /** Informers of the node's own objects: its pods have host ports. */
  readonly nodeInformers: Informers;
  readonly nodeName: string;
  readonly families: readonly Family[];
}

export class ServiceView {
  readonly #nodeName: string;
  readonly #families: readonly Family[];
  readonly #services: Informer<Service>;
  readonly #slices: Informer<EndpointSlice>;
  readonly #pods: Informer<Pod>;
  readonly #nodes: Informer<Node>;
  /** `service a/web` and `pod a/web-1`: changed since they were last taken. */
  readonly #changed = new Set<string>();

  constructor({ informers, nodeInformers, nodeName, families }: ServiceViewOptions) {
    this.#nodeName = nodeName;
    this.#families = families;
    this.#services = informers.for<Service>(services);
    this.#slices = informers.for<EndpointSlice>(endpointSlices);
    this.#pods = nodeInformers.for<Pod>(pods, { fieldSelector: `spec.nodeName=${nodeName}` });
    this.#nodes = informers.for<Node>(nodes, { fieldSelector: `metadata.name=${nodeName}` });
    this.#slices.addIndex(indexName, (slice) => serviceOf(slice) ?? []);
  }

  async synced(): Promise<void> {
    await Promise.all(
      [this.#services, this.#slices, this.#pods, this.#nodes].map((informer) => informer.synced()),
    );
  }

  /** Everything counts as changed at first. Of a node only the zone matters; its status changes often. */
  subscribe(onChange: () => void): () => void {
    const mark = (kind: string, names: readonly string[]) => {
      for (const name of names) this.#changed.add(`${kind} ${name}`);
      if (names.length > 0) onChange();
    };
    const allServices = () => mark('service', this.#services.list().map(nameOf));
    const stops = [
      this.#services.subscribe(eachTime((service) => mark('service', [nameOf(service)]))),
      this.#slices.subscribe(eachTime((slice) => mark('service', serviceOf(slice) ?? []))),
      this.#pods.subscribe(eachTime((pod) => hasHostPorts(pod) && mark('pod', [nameOf(pod)]))),
      this.#nodes.subscribe({
        onAdd: allServices,
        onUpdate: (before, now) => zoneOf(before) === zoneOf(now) || allServices(),
        onDelete: allServices,
      }),
    ];
    return () => {
      for (const stop of stops) stop();
    };
  }

  /** Undefined after the node is deleted. */
  get node(): Node | undefined {
    return this.#nodes.get(undefined, this.#nodeName);
  }

  /** Offers that have changed and that `take` has not returned. */
  *changed(): Iterable<[string, Offer]> {
    for (const key of this.#changed) yield [key, this.#offerOf(key)];
  }

  /** The changed offers, each once. */
  take(): [string, Offer][] {
    const offers = [...this.changed()];
    this.#changed.clear();
    return offers;
  }

  #offerOf(key: string): Offer {
    const [kind, path = ''] = key.split(' ');
    const [namespace, name = ''] = path.split('/');
    if (kind === 'service') return this.#serviceOffer(this.#services.get(namespace, name), path);
    const pod = this.#pods.get(namespace, name);
    return { frontends: pod ? hostPortFrontends(pod, this.#families) : [] };
  }

  #serviceOffer(service: Service | undefined, path: string): Offer {
    if (!service) return { frontends: [] };
    const slices = this.#slices.byIndex(indexName, path);
    const place = { nodeName: this.#nodeName, zone: zoneOf(this.node) };
    const frontends = serviceFrontends(service, slices, place, this.#families);
    return {
      frontends,
      check: frontends.length > 0 ? healthCheckOf(service, slices, this.#nodeName) : undefined,
    };
  }
}

function eachTime<T>(call: (object: T) => void) {
  return {
    onAdd: call,
    onUpdate: (before: T, now: T) => {
      call(before);
      call(now);
    },
    onDelete: call,
  };
}

function nameOf({ metadata }: Service | Pod): string {
  return `${metadata?.namespace}/${metadata?.name}`;
}

function serviceOf({ metadata }: EndpointSlice): [string] | undefined {
  const name = metadata?.labels?.[serviceNameLabel];
  return name ? [`${metadata?.namespace}/${name}`] : undefined;
}

function zoneOf(node: Node | undefined): string {
  return node?.metadata?.labels?.[zoneLabel] ?? '';
}
