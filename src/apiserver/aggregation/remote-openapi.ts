/**
 * The OpenAPI documents of other API servers: their own paths of version 2, and the index of version 3, whose
 * documents are proxied; where a server has none of version 3, its document of version 2 is converted. Fetched a
 * second after an APIService becomes available, and every minute.
 */

import { convertedToV3 } from '#api/openapi/convert-to-v3.ts';
import { pathsBelow } from '#api/openapi/merge-v2.ts';
import type { Clock } from '#base/clock.ts';
import type { Log } from '#base/log.ts';
import { errorText } from '#base/text/error-text.ts';
import { equalJson } from '#wire/json/canonical.ts';
import { isJsonObject, type JsonObject } from '#wire/json/value.ts';
import type { ApiServices, RemoteServer } from './api-services.ts';
import { type ExtensionDocuments, parseDocument } from './extension-documents.ts';
import { RefreshLoop } from './refresh-loop.ts';

const aggregator = { name: 'system:aggregator', groups: [] };
const timeoutMs = 60_000;
const firstMs = 1000;
const intervals = { refreshMs: 60_000, retryMs: 1000, retryMsMax: 60_000, workers: 2 };

interface Known {
  readonly isAvailable: boolean;
  readonly v2Etag: string;
  readonly v2: JsonObject | undefined;
  /** Undefined for a server that has no version 3. */
  readonly v3: Readonly<Record<string, unknown>> | undefined;
  /** The whole document of version 2 as one of version 3, of such a server. */
  readonly converted: JsonObject | undefined;
}

const nothing: Known = { isAvailable: false, v2Etag: '', v2: undefined, v3: {}, converted: undefined };

interface RemoteOpenApiParts {
  readonly services: ApiServices;
  readonly documents: ExtensionDocuments;
  readonly clock: Clock;
  readonly log: Log;
  /** Whether this server has a document of its own at a path: `apis/apps/v1`. */
  readonly isOwn: (path: string) => boolean;
  /** The documents have changed. */
  readonly changed: () => void;
}

export class RemoteOpenApi {
  readonly #parts: RemoteOpenApiParts;
  readonly #loop: RefreshLoop;
  /** By the name of the APIService. */
  readonly #known = new Map<string, Known>();

  constructor(parts: RemoteOpenApiParts) {
    this.#parts = parts;
    this.#loop = new RefreshLoop(parts.clock, intervals, (name) => this.#refresh(name));
    parts.services.onChange((name) => this.#changed(name));
  }

  get v2(): readonly JsonObject[] {
    return [...this.#known.values()].flatMap(({ v2 }) => (v2 ? [v2] : []));
  }

  get v3(): Readonly<Record<string, unknown>> {
    const entries = [...this.#known.values()].flatMap(({ v3 = {} }) => Object.entries(v3));
    return Object.fromEntries(entries);
  }

  /** By path: `apis/metrics.k8s.io/v1beta1`. */
  get convertedV3(): ReadonlyMap<string, JsonObject> {
    const found = [...this.#known].flatMap(([name, { v3, converted }]) => {
      const registered = v3 === undefined && converted && this.#parts.services.find(name);
      if (!registered) return [];
      return [[`apis/${registered.group}/${registered.version}`, converted] as const];
    });
    return new Map(found);
  }

  /** The server of the version 3 document at a path; undefined for documents of this server. */
  serverOf(path: string): RemoteServer | undefined {
    if (this.#parts.isOwn(path)) return undefined;
    for (const [name, { v3 }] of this.#known) {
      if (v3 && Object.hasOwn(v3, path)) return this.#parts.services.find(name)?.remote;
    }
    return undefined;
  }

  start(): void {
    this.#loop.start();
    for (const { name } of this.#parts.services.all) this.#changed(name);
  }

  stop(): void {
    this.#loop.stop();
  }

  #changed(name: string): void {
    const remote = this.#parts.services.find(name)?.remote;
    if (!remote) this.#loop.now(name);
    else if (remote.isAvailable && !this.#known.get(name)?.isAvailable) this.#loop.after(name, firstMs);
  }

  async #refresh(name: string): Promise<'again' | 'over'> {
    const { services, changed, log } = this.#parts;
    const registered = services.find(name);
    if (!registered?.remote) {
      if (this.#known.delete(name)) changed();
      return 'over';
    }
    const { remote, group, version } = registered;
    const before = this.#known.get(name) ?? nothing;
    if (!remote.isAvailable) {
      this.#known.set(name, { ...before, isAvailable: false });
      return 'over';
    }
    try {
      const v2 = await this.#fetchV2(remote, before, `/apis/${group}/${version}/`);
      const now = { ...v2, v3: await this.#fetchV3(remote), isAvailable: true };
      this.#known.set(name, now);
      const isNew = now.v2 !== before.v2 || now.converted !== before.converted;
      if (isNew || JSON.stringify(now.v3) !== JSON.stringify(before.v3)) changed();
      return 'again';
    } catch (error) {
      log.debug('the OpenAPI documents of an API server could not be read', {
        name,
        error: errorText(error),
      });
      throw error;
    }
  }

  async #fetchV2(server: RemoteServer, { v2, v2Etag, converted }: Known, prefix: string) {
    const headers = { accept: 'application/json', ...(v2Etag ? { 'if-none-match': v2Etag } : {}) };
    const { status, body, etag } = await this.#get(server, '/openapi/v2', headers);
    if (status === 304) return { v2, v2Etag, converted };
    if (status === 404) return { v2: undefined, v2Etag: '', converted: undefined };
    if (status !== 200) throw new Error(`/openapi/v2: the code ${status}`);
    const document = parseDocument(body);
    const received = isJsonObject(document) ? pathsBelow(document, prefix) : undefined;
    const inVersion3 = isJsonObject(document) ? convertedToV3(document) : undefined;
    return {
      v2: equalJson(received, v2) ? v2 : received,
      converted: equalJson(inVersion3, converted) ? converted : inVersion3,
      v2Etag: etag,
    };
  }

  async #fetchV3(server: RemoteServer): Promise<Readonly<Record<string, unknown>> | undefined> {
    const { status, body } = await this.#get(server, '/openapi/v3', { accept: 'application/json' });
    if (status === 404) return undefined;
    if (status !== 200) throw new Error(`/openapi/v3: the code ${status}`);
    const document = parseDocument(body);
    return isJsonObject(document) && isJsonObject(document['paths']) ? document['paths'] : {};
  }

  #get(server: RemoteServer, path: string, headers: Record<string, string>) {
    return this.#parts.documents.get(server, { user: aggregator, path, headers, timeoutMs });
  }
}
