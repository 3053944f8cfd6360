/** `/api`, `/apis` and what lies below: what is served, as the aggregated document or as the older lists. */

import { createHash } from 'node:crypto';
import {
  aggregatedDiscovery,
  aggregatedParameters,
  apiGroup,
  apiGroupList,
  apiResourceList,
  legacyApiVersions,
} from '#api/discovery/discovery.ts';
import { aggregatedType, discoverySchema } from '#api/discovery/discovery-schema.ts';
import { noSuchPath } from '#api/meta/status.ts';
import { metaTypePrefix } from '#api/openapi/kinds.ts';
import { protobufMediaType } from '#api/protobuf/envelope.ts';
import { withoutEnding } from '#base/text/without-ending.ts';
import type { ApiResponse } from '#client/transport/transport.ts';
import { toYaml } from '#wire/yaml/write/to-yaml.ts';
import { parseAccept } from '../codec/encode/accept-clauses.ts';
import { mediaResponse } from '../codec/encode/media-response.ts';
import { type Format, isPretty, negotiate } from '../codec/encode/negotiate.ts';
import { envelopedMessage, protobufResponse } from '../codec/encode/protobuf-response.ts';
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
  readonly json: Buffer;
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
    const media = aggregatedMedia(request.headers['accept'] ?? '');
    if (media) return this.#aggregated(exchange, isCore, media);
    const { all } = this.#resources;
    const { registered } = this.#extensions;
    const address = request.headers['host'] ?? '';
    return found(exchange, isCore ? legacyApiVersions(address) : apiGroupList(all, registered));
  }

  #aggregated({ request, info }: Exchange, isCore: boolean, media: Format['media']): ApiResponse {
    const { json, etag } = this.#document(isCore);
    const type = `${mediaTypes[media]};${aggregatedParameters}`;
    const headers = { 'content-type': type, vary: 'Accept', etag, 'cache-control': 'public' };
    if (request.headers['if-none-match'] === etag) return { status: 304, headers, body: new Uint8Array() };
    if (media === 'json' && !isPretty(request, info.query)) return { status: 200, headers, body: json };
    const document = JSON.parse(json.toString()) as object;
    return { status: 200, headers, body: Buffer.from(writtenIn(media, aggregatedType, document)) };
  }

  #document(isCore: boolean): KeptDocument {
    const { all: resources } = this.#resources;
    const { revision, remotes } = this.#extensions;
    const known = this.#kept.get(isCore);
    if (known?.resources === resources && known.revision === revision) return known;
    const json = Buffer.from(JSON.stringify(aggregatedDiscovery(resources, isCore, remotes)));
    const etag = `"${createHash('sha512').update(json).digest('hex').toUpperCase()}"`;
    const document = { resources, revision, json, etag };
    this.#kept.set(isCore, document);
    return document;
  }
}

const mediaTypes: Readonly<Record<Format['media'], string>> = {
  json: 'application/json',
  yaml: 'application/yaml',
  protobuf: protobufMediaType,
};

/** The media that the aggregated form is first asked for in; undefined where another form is asked for before. */
function aggregatedMedia(accept: string): Format['media'] | undefined {
  for (const { type, subType, params } of parseAccept(accept)) {
    const media = (['json', 'yaml', 'protobuf'] as const).find(
      (each) => mediaTypes[each] === `${type}/${subType}`,
    );
    const [as, group, version] = ['as', 'g', 'v'].map((name) => params.get(name));
    if (as === undefined && group === undefined && version === undefined) return undefined;
    const isAggregated =
      group === 'apidiscovery.k8s.io' && version === 'v2' && as === 'APIGroupDiscoveryList';
    if (media && isAggregated) return media;
  }
  return undefined;
}

/** In JSON, indented for people, in YAML or in protobuf. */
function found({ request, info }: Exchange, document: object | undefined): ApiResponse {
  if (!document) throw noSuchPath();
  const format = negotiate(request, { protobuf: true, tables: false });
  if (format.media === 'protobuf') {
    const { kind } = document as { kind: string };
    return protobufResponse(discoverySchema(), 200, metaTypePrefix + kind, document);
  }
  return mediaResponse(200, document, format, format.isPretty || isPretty(request, info.query));
}

function writtenIn(media: Format['media'], type: string, document: object): string | Uint8Array {
  if (media === 'yaml') return toYaml(document);
  if (media === 'protobuf') return envelopedMessage(discoverySchema(), type, document);
  return JSON.stringify(document, undefined, 2);
}
