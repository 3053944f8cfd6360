/**
 * The OpenAPI documents as bytes: built on first request, kept until their resources change, identified by
 * their hash.
 */

import { createHash } from 'node:crypto';
import type { JsonObject } from '#wire/json/value.ts';
import type { DescribedResource } from '../schema/schema.ts';
import { mergedV2, type V2Document } from './merge-v2.ts';
import { openApiV2Document } from './v2.ts';
import { openApiV2Protobuf } from './v2-protobuf.ts';
import { openApiV3Document, openApiV3Paths, v3Path } from './v3.ts';

export interface OpenApiDocument {
  readonly bytes: Uint8Array;
  /** Hash of the bytes; the ETag is this in quotes. */
  readonly hash: string;
}

export interface OpenApi {
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
}

const nothingMore: MoreDocuments = { openApiV2: [], openApiV3: {} };

/**
 * `resources` returns the resources served at the time of a request, `more` what other servers add then.
 * `version` is the server's, `v1.36.0`.
 */
export function openApi(
  resources: () => readonly DescribedResource[],
  version: string,
  more: () => MoreDocuments = () => nothingMore,
): OpenApi {
  const built = new Map<string, Built>();
  const kept = (key: string, of: readonly object[], build: () => object | Uint8Array): OpenApiDocument => {
    const known = built.get(key);
    if (known && isSame(known.of, of)) return known.document;
    const document = documentOf(build());
    built.set(key, { of, document });
    return document;
  };
  const v3 = (path: string): OpenApiDocument | undefined => {
    const ofPath = resources().filter(({ def }) => v3Path(def) === path);
    if (ofPath.length > 0) return kept(path, ofPath, () => openApiV3Document(ofPath, version));
    built.delete(path);
    return undefined;
  };
  const v2 = (key: string, form: (document: object) => object | Uint8Array) => {
    const all = resources();
    const { openApiV2 } = more();
    const build = () => mergedV2(openApiV2Document(all, version) as V2Document, openApiV2);
    return kept(key, openApiV2.length === 0 ? all : [...all, ...openApiV2], () => form(build()));
  };
  return {
    v2: () => v2('v2', (document) => document),
    v2Protobuf: () => v2('v2 protobuf', openApiV2Protobuf),
    v3,
    v3Index: () => {
      const all = resources();
      const { openApiV3 } = more();
      return kept('v3', [...all, openApiV3], () => {
        const own = openApiV3Paths(all).map((path) => {
          const serverRelativeURL = `/openapi/v3/${path}?hash=${v3(path)?.hash}`;
          return [path, { serverRelativeURL }];
        });
        return { paths: { ...openApiV3, ...Object.fromEntries(own) } };
      });
    },
  };
}

interface Built {
  readonly of: readonly object[];
  readonly document: OpenApiDocument;
}

function isSame(a: readonly object[], b: readonly object[]): boolean {
  return a.length === b.length && a.every((resource, i) => resource === b[i]);
}

function documentOf(value: object | Uint8Array): OpenApiDocument {
  const bytes = value instanceof Uint8Array ? value : Buffer.from(JSON.stringify(value));
  return { bytes, hash: createHash('sha512').update(bytes).digest('hex').toUpperCase() };
}
