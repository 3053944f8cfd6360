/**
 * The OpenAPI documents as bytes: put together of the fragments of schemas on first request, kept until their
 * resources change, identified by a hash.
 */

import { createHash } from 'node:crypto';
import type { JsonObject } from '#wire/json/value.ts';
import type { DescribedResource } from '../schema/schema.ts';
import { type Fragment, Fragments, isSame, jsonEntries } from './fragments.ts';
import { mergedV2, type V2Document } from './merge-v2.ts';
import { securitySchemes } from './paths.ts';
import { openApiV2Content, openApiV2Frame } from './v2.ts';
import { openApiV2Protobuf, protobufEntries, wrapEntries } from './v2-protobuf.ts';
import {
  openApiV3Content,
  openApiV3Frame,
  openApiV3Paths,
  otherV3Document,
  otherV3Documents,
  v3Path,
} from './v3.ts';

export interface OpenApiDocument {
  readonly bytes: Uint8Array;
  /** Of the content; the ETag is this in quotes. */
  readonly hash: string;
}

export type OpenApiForm = 'v2' | 'v2 protobuf' | 'v3';

export interface OpenApi {
  /**
   * Builds the missing fragments of a form, schema by schema with a pause after each, so that its documents are then only
   * joined: hundreds of custom resources do not hold the thread. Optional, as a document builds what is missing. `path`:
   * the one document of version 3 that is needed.
   */
  prepare(form: OpenApiForm, pause: () => Promise<void>, path?: string): Promise<void>;
  v2(): OpenApiDocument;
  /** The same as a protobuf message. */
  v2Protobuf(): OpenApiDocument;
  /** What `/openapi/v3` answers. */
  v3Index(): OpenApiDocument;
  /** `apis/apps/v1`; undefined when there is no such document. */
  v3(path: string): OpenApiDocument | undefined;
}

/** What other servers add to the documents. */
export interface MoreDocuments {
  /** OpenAPI 2.0. */
  readonly openApiV2: readonly JsonObject[];
  /** Entries of the index, by path. */
  readonly openApiV3: Readonly<Record<string, unknown>>;
  /** Documents of version 3 that have no server of their own, by path. */
  readonly convertedV3: ReadonlyMap<string, JsonObject>;
}

const nothingMore: MoreDocuments = { openApiV2: [], openApiV3: {}, convertedV3: new Map() };

/**
 * `resources` returns the resources served at the time of a request, `more` what other servers add then.
 * `version` is the API's, `1.36`.
 */
export function openApi(
  resources: () => readonly DescribedResource[],
  version: string,
  more: () => MoreDocuments = () => nothingMore,
): OpenApi {
  const fragments = fragmentsByForm();
  const documents = new KeptDocuments();
  const v3 = (path: string): OpenApiDocument | undefined => {
    const ofPath = resources().filter(({ def }) => v3Path(def) === path);
    if (ofPath.length > 0) return documents.of(path, ofPath, () => v3Document(fragments.v3, ofPath, version));
    const other = otherV3Documents(resources()).get(path);
    if (other) return documents.of(path, [], () => documentOf(jsonBytes(otherV3Document(other, version))));
    const converted = more().convertedV3.get(path);
    if (converted) return documents.of(path, [converted], () => documentOf(jsonBytes(converted)));
    documents.forget(path);
    return undefined;
  };
  const v2 = (form: 'v2' | 'v2 protobuf') => {
    const all = resources();
    const { openApiV2 } = more();
    const sources = openApiV2.length === 0 ? all : [...all, ...openApiV2];
    const own = () => v2Document(fragments, form, all, version);
    return documents.of(form, sources, () =>
      openApiV2.length === 0 ? own() : mergedDocument(form, openApiV2, own()),
    );
  };
  /** In JSON, whatever the form. */
  const mergedDocument = (form: OpenApiForm, others: readonly JsonObject[], own: OpenApiDocument) => {
    const { bytes } = form === 'v2' ? own : v2Document(fragments, 'v2', resources(), version);
    const merged = mergedV2(JSON.parse(Buffer.from(bytes).toString()) as V2Document, others);
    return documentOf(form === 'v2' ? jsonBytes(merged) : openApiV2Protobuf(merged));
  };
  return {
    async prepare(form, pause, path) {
      if (form !== 'v3') return fragments[form].prepare(resources(), pause);
      for (const [groupPath, group] of Map.groupBy(resources(), ({ def }) => v3Path(def))) {
        if (path === undefined || path === groupPath) await fragments.v3.prepare(group, pause);
      }
    },
    v2: () => v2('v2'),
    v2Protobuf: () => v2('v2 protobuf'),
    v3,
    v3Index: () => {
      const all = resources();
      const { openApiV3, convertedV3 } = more();
      return documents.of('v3', [...all, openApiV3, convertedV3], () => {
        const paths = [...otherV3Documents(all).keys(), ...convertedV3.keys(), ...openApiV3Paths(all)];
        const own = paths.map((path) => {
          const serverRelativeURL = `/openapi/v3/${path}?hash=${v3(path)?.hash}`;
          return [path, { serverRelativeURL }] as const;
        });
        const entries = [...Object.entries(openApiV3), ...own].sort(([a], [b]) => (a < b ? -1 : 1));
        return documentOf(jsonBytes({ paths: Object.fromEntries(entries) }));
      });
    },
  };
}

type FragmentsByForm = Readonly<Record<OpenApiForm, Fragments>>;

function fragmentsByForm(): FragmentsByForm {
  return {
    v2: new Fragments({ ...jsonEntries, contentOf: openApiV2Content }),
    'v2 protobuf': new Fragments({ ...protobufEntries, contentOf: openApiV2Content }),
    v3: new Fragments({ ...jsonEntries, contentOf: openApiV3Content }),
  };
}

function v2Document(
  fragments: FragmentsByForm,
  form: 'v2' | 'v2 protobuf',
  resources: readonly DescribedResource[],
  version: string,
): OpenApiDocument {
  const parts = fragments[form].of(resources);
  const frame = openApiV2Frame(version);
  return joinedDocument(version, parts, () => {
    const { paths, definitions } = fragments[form].entriesOf(parts);
    if (form === 'v2 protobuf') {
      return Buffer.concat([openApiV2Protobuf(frame), wrapEntries(paths, definitions)]);
    }
    return jsonOf(frame, paths, '},"definitions":{', definitions, '}}');
  });
}

function v3Document(
  fragments: Fragments,
  resources: readonly DescribedResource[],
  version: string,
): OpenApiDocument {
  const parts = fragments.of(resources);
  return joinedDocument(version, parts, () => {
    const { paths, definitions } = fragments.entriesOf(parts);
    const isCustom = resources.every(({ def, schema }) => schema.type(def.type).published);
    const schemes = isCustom ? '' : `"securitySchemes":${JSON.stringify(securitySchemes)},`;
    const frame = openApiV3Frame(version, isCustom);
    return jsonOf(frame, paths, `},"components":{${schemes}"schemas":{`, definitions, '}}}');
  });
}

function jsonOf(
  frame: object,
  paths: readonly Uint8Array[],
  between: string,
  definitions: readonly Uint8Array[],
  end: string,
): Buffer {
  const head = `${JSON.stringify(frame).slice(0, -1)},"paths":{`;
  return Buffer.concat([Buffer.from(head), ...paths, Buffer.from(between), ...definitions, Buffer.from(end)]);
}

/** Joined when its bytes are first asked for: the index needs the hash alone. */
function joinedDocument(
  version: string,
  parts: readonly Fragment[],
  join: () => Uint8Array,
): OpenApiDocument {
  const hash = hashOf([version, ...parts.map((part) => part.hash)].join());
  let bytes: Uint8Array | undefined;
  return {
    hash,
    get bytes() {
      bytes ??= join();
      return bytes;
    },
  };
}

function jsonBytes(value: object): Uint8Array {
  return Buffer.from(JSON.stringify(value));
}

function documentOf(bytes: Uint8Array): OpenApiDocument {
  return { bytes, hash: hashOf(bytes) };
}

function hashOf(content: string | Uint8Array): string {
  return createHash('sha512').update(content).digest('hex').toUpperCase();
}

/** Documents by key, each kept while it would be built of the same objects. */
class KeptDocuments {
  readonly #kept = new Map<string, { readonly of: readonly object[]; readonly document: OpenApiDocument }>();

  of(key: string, sources: readonly object[], build: () => OpenApiDocument): OpenApiDocument {
    const known = this.#kept.get(key);
    if (known && isSame(known.of, sources)) return known.document;
    const document = build();
    this.#kept.set(key, { of: sources, document });
    return document;
  }

  forget(key: string): void {
    this.#kept.delete(key);
  }
}
