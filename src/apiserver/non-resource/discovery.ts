/** `/api`, `/apis` and what lies below: what is served, as the aggregated document or as the older lists. */

import { createHash } from 'node:crypto';
import {
  aggregatedDiscovery,
  aggregatedDiscoveryType,
  apiGroup,
  apiGroupList,
  apiResourceList,
  legacyApiVersions,
} from '#api/discovery/discovery.ts';
import { noSuchPath } from '#api/meta/status.ts';
import { withoutEnding } from '#base/text/without-ending.ts';
import type { ApiRequest, ApiResponse } from '#client/transport/transport.ts';
import { mediaResponse } from '../codec/encode/media-response.ts';
import { isPretty, negotiate } from '../codec/encode/negotiate.ts';
import type { ExtensionApis } from '../contract/extension-apis.ts';
import { NoSuchPage } from '../contract/plain-refusal.ts';
import type { Resources } from '../registry/resources.ts';
import type { ServedResource } from '../registry/served-resource.ts';
import type { Exchange } from '../request/exchange.ts';

export function isDiscovery(path: string): boolean {
  return /^\/apis?(?:\/|$)/.test(path);
}

/** The aggregated document as of one moment. */
interface KeptDocument {
  readonly resources: readonly ServedResource[];
  readonly revision: number;
  readonly bytes: Uint8Array;
  readonly etag: string;
}

export class Discovery {
  readonly #resources: Resources;
  readonly #extensions: ExtensionApis;
  /** By whether it is that of `/api`. */
  readonly #kept = new Map<boolean, KeptDocument>();

  constructor(resources: Resources, extensions: ExtensionApis) {
    this.#resources = resources;
    this.#extensions = extensions;
  }

  answer(exchange: Exchange): ApiResponse {
    const { info } = exchange;
    const segments = withoutEnding(info.path, '/').replace(/^\//, '').split('/');
    if (segments.includes('')) throw new NoSuchPage();
    const [root, first, second, ...rest] = segments;
    if (rest.length > 0) throw noSuchPath();
    const { all } = this.#resources;
    if (first === undefined) return this.#root(exchange, root === 'api');
    if (root === 'api') {
      return found(exchange, second === undefined ? apiResourceList(all, '', first) : undefined);
    }
    const { registered } = this.#extensions;
    const isServed = all.some(({ def }) => def.group === first);
    if (second !== undefined && isServed) return found(exchange, apiResourceList(all, first, second));
    const group = second === undefined ? apiGroup(all, first, registered) : undefined;
    if (!group) throw new NoSuchPage();
    return found(exchange, group);
  }

  #root(exchange: Exchange, isCore: boolean): ApiResponse {
    const { request } = exchange;
    if (takesAggregated(request.headers['accept'] ?? '')) return this.#aggregated(request, isCore);
    const { all } = this.#resources;
    const { registered } = this.#extensions;
    return found(
      exchange,
      isCore ? legacyApiVersions(request.headers['host'] ?? '') : apiGroupList(all, registered),
    );
  }

  #aggregated(request: ApiRequest, isCore: boolean): ApiResponse {
    const { bytes, etag } = this.#document(isCore);
    const type = aggregatedDiscoveryType;
    const headers = { 'content-type': type, vary: 'Accept', etag, 'cache-control': 'public' };
    if (request.headers['if-none-match'] === etag) return { status: 304, headers, body: new Uint8Array() };
    return { status: 200, headers, body: bytes };
  }

  #document(isCore: boolean): KeptDocument {
    const { all: resources } = this.#resources;
    const { revision, remotes } = this.#extensions;
    const known = this.#kept.get(isCore);
    if (known?.resources === resources && known.revision === revision) return known;
    const bytes = Buffer.from(JSON.stringify(aggregatedDiscovery(resources, isCore, remotes)));
    const etag = `"${createHash('sha512').update(bytes).digest('hex').toUpperCase()}"`;
    const document = { resources, revision, bytes, etag };
    this.#kept.set(isCore, document);
    return document;
  }
}

/** True when the aggregated form is named before plain JSON. */
function takesAggregated(accept: string): boolean {
  for (const clause of accept.split(',')) {
    const parts = clause.split(';').map((part) => part.trim());
    if (parts[0] !== 'application/json') continue;
    if (parts.length === 1) return false;
    if (parts.includes('g=apidiscovery.k8s.io') && parts.includes('v=v2')) return true;
  }
  return false;
}

/** In JSON, indented for people, or in YAML; kybern has no protobuf of these documents, and answers in JSON then. */
function found({ request, info }: Exchange, document: object | undefined): ApiResponse {
  if (!document) throw noSuchPath();
  const format = negotiate(request, { protobuf: true, tables: false });
  return mediaResponse(200, document, format, format.isPretty || isPretty(request, info.query));
}
