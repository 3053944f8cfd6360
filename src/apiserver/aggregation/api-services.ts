/** The stored APIServices, read once after each change: the versions that other servers serve, and their addresses. */

import type { OrderedVersion } from '#api/discovery/group-order.ts';
import { apiServices } from '#api/generated/kinds.gen.ts';
import type { APIService } from '#api/generated/types.gen.ts';
import { isConditionTrue } from '#api/meta/conditions.ts';
import type { ObjectFeed } from '../contract/stored-objects.ts';
import type { ServicePort } from '../outgoing/service-endpoint.ts';

/** Another API server, by the APIService that names it. */
export interface RemoteServer {
  /** Of the APIService: `v1beta1.metrics.k8s.io`. */
  readonly name: string;
  readonly service: ServicePort;
  /** PEM. */
  readonly caPem?: string;
  readonly skipsVerification: boolean;
  readonly isAvailable: boolean;
}

export interface Registered extends OrderedVersion {
  readonly name: string;
  /** Absent: this server serves the version itself. */
  readonly remote?: RemoteServer;
}

export class ApiServices {
  readonly #byName = new Map<string, Registered>();
  readonly #listeners: ((name: string) => void)[] = [];
  /** By `group/version`. */
  #remotes: ReadonlyMap<string, RemoteServer> = new Map();
  #all: readonly Registered[] = [];
  #revision = 0;

  /** Begins to follow the stored APIServices; ends with the server. */
  follow(feed: ObjectFeed): void {
    feed.follow(apiServices, {
      changed: (_, name, entry) => {
        this.#put(name, entry?.object() as APIService | undefined);
        this.#notify(name);
      },
      reloaded: () => {
        const names = new Set(this.#byName.keys());
        this.#byName.clear();
        for (const { name, object } of feed.entries(apiServices).map(named)) {
          this.#put(name, object);
          names.add(name);
        }
        this.#index();
        for (const name of names) this.#notify(name);
      },
    });
    for (const { name, object } of feed.entries(apiServices).map(named)) this.#put(name, object);
    this.#index();
  }

  /** Grows with each change. */
  get revision(): number {
    return this.#revision;
  }

  get all(): readonly Registered[] {
    return this.#all;
  }

  get hasRemotes(): boolean {
    return this.#remotes.size > 0;
  }

  find(name: string): Registered | undefined {
    return this.#byName.get(name);
  }

  /** The other server that serves a group's version. */
  remote(group: string, version: string): RemoteServer | undefined {
    return this.#remotes.get(`${group}/${version}`);
  }

  /** `listener` is called with the name of each created, changed or deleted APIService. */
  onChange(listener: (name: string) => void): void {
    this.#listeners.push(listener);
  }

  #put(name: string, object: APIService | undefined): void {
    if (object) this.#byName.set(name, registeredOf(name, object));
    else this.#byName.delete(name);
  }

  #notify(name: string): void {
    this.#index();
    for (const listener of this.#listeners) listener(name);
  }

  #index(): void {
    this.#revision++;
    this.#all = [...this.#byName.values()];
    this.#remotes = new Map(
      this.#all.flatMap(({ group, version, remote }) =>
        remote ? [[`${group}/${version}`, remote] as const] : [],
      ),
    );
  }
}

function named(entry: { readonly name: string; object(): object }) {
  return { name: entry.name, object: entry.object() as APIService };
}

function registeredOf(name: string, object: APIService): Registered {
  const { group = '', version = '', groupPriorityMinimum = 0, versionPriority = 0 } = object.spec ?? {};
  const remote = remoteOf(name, object);
  const priority = { group: groupPriorityMinimum, version: versionPriority };
  return { name, group, version, priority, ...(remote ? { remote } : {}) };
}

const defaultPort = 443;

function remoteOf(name: string, { spec, status }: APIService): RemoteServer | undefined {
  if (!spec?.service) return undefined;
  const { namespace = '', name: service = '', port = defaultPort } = spec.service;
  return {
    name,
    service: { namespace, name: service, port },
    ...(spec.caBundle ? { caPem: Buffer.from(spec.caBundle, 'base64').toString() } : {}),
    skipsVerification: spec.insecureSkipTLSVerify ?? false,
    isAvailable: isConditionTrue(status, 'Available'),
  };
}
