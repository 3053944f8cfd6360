/** The aggregator: proxies groups of other API servers, and keeps their discovery, OpenAPI and availability. */

import type { Registry } from 'prom-client';
import type { Env } from '#base/env.ts';
import type { Client } from '#client/client.ts';
import type { ExtensionApis } from '../contract/extension-apis.ts';
import type { ObjectFeed, ObjectReader } from '../contract/stored-objects.ts';
import { type EndpointResolver, endpointResolver } from '../outgoing/service-endpoint.ts';
import type { Resources } from '../registry/resources.ts';
import { AggregatorMetrics } from './aggregator-metrics.ts';
import { ApiServices } from './api-services.ts';
import { AutoRegistration } from './auto-registration.ts';
import { AvailabilityController } from './availability-controller.ts';
import { ExtensionConnections, type ProxyCertificate } from './extension-connection.ts';
import { ExtensionDocuments } from './extension-documents.ts';
import { ExtensionServers } from './extension-servers.ts';
import { RemoteDiscovery } from './remote-discovery.ts';
import { RemoteOpenApi } from './remote-openapi.ts';

export interface AggregationParts {
  readonly env: Env;
  readonly reader: ObjectReader;
  readonly feed: ObjectFeed;
  readonly resources: Resources;
  readonly registry: Registry;
  /** The client certificate of the front proxy, by which other API servers authenticate this one. */
  readonly certificate: () => ProxyCertificate;
}

export class Aggregation {
  readonly #parts: AggregationParts;
  readonly #services = new ApiServices();
  readonly #connections: ExtensionConnections;
  readonly #discovery: RemoteDiscovery;
  readonly #openApi: RemoteOpenApi;
  readonly #availability: AvailabilityController;
  #registration: AutoRegistration | undefined;
  #revision = 0;
  readonly servers: ExtensionServers;
  readonly apis: ExtensionApis;

  constructor(parts: AggregationParts) {
    this.#parts = parts;
    const { env, reader, feed, registry } = parts;
    const { clock, log } = env;
    const services = this.#services;
    const resolve: EndpointResolver = endpointResolver(reader, env.random);
    this.#connections = new ExtensionConnections(resolve, parts.certificate);
    const documents = new ExtensionDocuments(this.#connections, clock);
    const changed = () => void this.#revision++;
    const metrics = new AggregatorMetrics(registry);
    this.#discovery = new RemoteDiscovery({ services, documents, clock, log, changed });
    const isOwn = (path: string) => this.#isOwn(path);
    this.#openApi = new RemoteOpenApi({ services, documents, clock, log, isOwn, changed });
    this.#availability = new AvailabilityController({ env, services, reader, feed, documents, metrics });
    this.servers = new ExtensionServers({
      services,
      connections: this.#connections,
      openApiServer: (path) => this.#openApi.serverOf(path),
      clock,
    });
    this.apis = this.#shown();
  }

  /** Once the server runs. `registered` resolves when all built-in versions have an APIService. */
  start(client: Client): { readonly registered: Promise<void> } {
    const { env, reader, feed, resources } = this.#parts;
    this.#services.follow(feed);
    this.#registration = new AutoRegistration({ env, reader, feed, client }, resources.all);
    this.#availability.start(client);
    this.#discovery.start();
    this.#openApi.start();
    return { registered: this.#registration.start() };
  }

  stop(): void {
    this.#registration?.stop();
    this.#availability.stop();
    this.#discovery.stop();
    this.#openApi.stop();
    this.#connections.close();
  }

  /** Names of built-in versions without an APIService yet. Undefined before the start. */
  get missing(): readonly string[] | undefined {
    return this.#registration?.missing;
  }

  #isOwn(path: string): boolean {
    const [root, group = '', version = ''] = path.split('/');
    if (root !== 'apis') return true;
    if (this.#services.remote(group, version)) return false;
    return this.#parts.resources.all.some(({ def }) => def.group === group && def.version === version);
  }

  #shown(): ExtensionApis {
    const services = this.#services;
    const discovery = this.#discovery;
    const openApi = this.#openApi;
    const revision = () => this.#revision + services.revision;
    const v2 = kept(revision, () => openApi.v2);
    const v3 = kept(revision, () => openApi.v3);
    const converted = kept(revision, () => openApi.convertedV3);
    return {
      get revision() {
        return revision();
      },
      get registered() {
        return services.all;
      },
      get remotes() {
        return discovery.versions;
      },
      get openApiV2() {
        return v2();
      },
      get openApiV3() {
        return v3();
      },
      get convertedV3() {
        return converted();
      },
    };
  }
}

/** Caches a value for as long as the revision is the same. */
function kept<T>(revision: () => number, make: () => T): () => T {
  let builtRevision = -1;
  let value: T;
  return () => {
    if (builtRevision !== revision()) value = make();
    builtRevision = revision();
    return value;
  };
}
