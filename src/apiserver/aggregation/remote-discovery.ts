/**
 * Discovery of other API servers, for the aggregated discovery document: fetched when an APIService changes and
 * every minute. While a server does not answer, its versions stay in the document, marked stale.
 */

import type { RemoteVersion } from '#api/discovery/discovery.ts';
import { groupMasters } from '#api/meta/user.ts';
import type { Clock } from '#base/clock.ts';
import type { Log } from '#base/log.ts';
import { errorText } from '#base/text/error-text.ts';
import type { ApiServices, RemoteServer } from './api-services.ts';
import { discoveredResources, versionsIn } from './discovered-resources.ts';
import { type ExtensionDocuments, parseDocument } from './extension-documents.ts';
import { RefreshLoop } from './refresh-loop.ts';

const aggregator = { name: 'system:kube-aggregator', groups: [groupMasters] };
const type = 'application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList';
const accept = `${type},${type.replace('v=v2', 'v=v2beta1')}`;
const timeoutMs = 5000;
const refreshMs = 60_000;
const retryMs = 500;

type VersionResources = ReadonlyMap<string, readonly object[]>;

/** A server's whole aggregated document. */
interface ServerDocument {
  readonly versions: VersionResources;
  readonly etag: string;
}

interface Known {
  readonly resources: readonly object[];
  readonly freshness: 'Current' | 'Stale';
}

interface RemoteDiscoveryParts {
  readonly services: ApiServices;
  readonly documents: ExtensionDocuments;
  readonly clock: Clock;
  readonly log: Log;
  /** The document has changed. */
  readonly changed: () => void;
}

export class RemoteDiscovery {
  readonly #parts: RemoteDiscoveryParts;
  readonly #loop: RefreshLoop;
  /** By the name of the APIService. */
  readonly #known = new Map<string, Known>();
  /** By `keyOf` the server's service. */
  readonly #documents = new Map<string, ServerDocument>();

  constructor(parts: RemoteDiscoveryParts) {
    this.#parts = parts;
    const intervals = { refreshMs, retryMs, retryMsMax: refreshMs, workers: 2 };
    this.#loop = new RefreshLoop(parts.clock, intervals, (name) => this.#refresh(name));
    parts.services.onChange((name) => this.#loop.now(name));
  }

  get versions(): readonly RemoteVersion[] {
    return this.#parts.services.all.flatMap(({ name, group, version, priority, remote }) => {
      if (!remote) return [];
      const { resources, freshness } = this.#known.get(name) ?? {
        resources: [],
        freshness: 'Stale' as const,
      };
      return [{ group, version, priority, resources, freshness }];
    });
  }

  start(): void {
    this.#loop.start();
    for (const { name } of this.#parts.services.all) this.#loop.now(name);
  }

  stop(): void {
    this.#loop.stop();
  }

  /** Rejects for a retry after a short delay. */
  async #refresh(name: string): Promise<'again' | 'over'> {
    const registered = this.#parts.services.find(name);
    if (!registered?.remote) {
      if (this.#known.delete(name)) this.#parts.changed();
      this.#dropUnused();
      return 'over';
    }
    const { group, version, remote } = registered;
    try {
      const resources = await this.#fetch(remote, group, version);
      this.#keep(name, { resources, freshness: 'Current' });
      return 'again';
    } catch (error) {
      const resources = this.#documents.get(keyOf(remote))?.versions.get(`${group}/${version}`) ?? [];
      this.#keep(name, { resources, freshness: 'Stale' });
      this.#parts.log.debug('the discovery of an API server could not be read', {
        name,
        error: errorText(error),
      });
      throw error;
    }
  }

  #keep(name: string, known: Known): void {
    const before = this.#known.get(name);
    this.#known.set(name, known);
    if (JSON.stringify(before) !== JSON.stringify(known)) this.#parts.changed();
  }

  async #fetch(server: RemoteServer, group: string, version: string): Promise<readonly object[]> {
    const known = this.#documents.get(keyOf(server));
    const headers = { accept, ...(known?.etag ? { 'if-none-match': known.etag } : {}) };
    const request = { user: aggregator, path: '/apis', headers, timeoutMs };
    const { status, contentType, etag, body } = await this.#parts.documents.get(server, request);
    if (status === 304 && known) return known.versions.get(`${group}/${version}`) ?? [];
    if (status === 503) throw new Error(`the server answered with the code ${status}`);
    if (status !== 200 || !/;as=APIGroupDiscoveryList/i.test(contentType)) {
      return this.#fetchList(server, group, version);
    }
    const versions = versionsIn(parseDocument(body));
    this.#documents.set(keyOf(server), { versions, etag });
    return versions.get(`${group}/${version}`) ?? [];
  }

  /** Of a server without an aggregated document. */
  async #fetchList(server: RemoteServer, group: string, version: string): Promise<readonly object[]> {
    const path = group === '' ? `/api/${version}` : `/apis/${group}/${version}`;
    const request = { user: aggregator, path, headers: { accept: 'application/json' }, timeoutMs };
    const { status, body } = await this.#parts.documents.get(server, request);
    if (status !== 200) throw new Error(`failed to download legacy discovery for ${path}: ${status}`);
    return discoveredResources(parseDocument(body));
  }

  #dropUnused(): void {
    const used = new Set(this.#parts.services.all.flatMap(({ remote }) => (remote ? [keyOf(remote)] : [])));
    for (const key of this.#documents.keys()) if (!used.has(key)) this.#documents.delete(key);
  }
}

function keyOf({ service: { namespace, name, port } }: RemoteServer): string {
  return `${namespace}/${name}:${port}`;
}
