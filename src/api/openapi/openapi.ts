/**
 * The OpenAPI documents as bytes: built on first request, kept until their resources change, identified by
 * their hash.
 */

import { createHash } from 'node:crypto';
import type { DescribedResource } from '../schema/schema.ts';
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

/**
 * `resources` returns the resources served at the time of a request. `version` is the server's, `v1.36.0`.
 */
export function openApi(resources: () => readonly DescribedResource[], version: string): OpenApi {
  const built = new Map<string, Built>();
  const kept = (
    key: string,
    of: readonly DescribedResource[],
    build: () => object | Uint8Array,
  ): OpenApiDocument => {
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
    return kept(key, all, () => form(openApiV2Document(all, version)));
  };
  return {
    v2: () => v2('v2', (document) => document),
    v2Protobuf: () => v2('v2 protobuf', openApiV2Protobuf),
    v3,
    v3Index: () => {
      const all = resources();
      return kept('v3', all, () => ({
        paths: Object.fromEntries(
          openApiV3Paths(all).map((path) => {
            const serverRelativeURL = `/openapi/v3/${path}?hash=${v3(path)?.hash}`;
            return [path, { serverRelativeURL }];
          }),
        ),
      }));
    },
  };
}

interface Built {
  readonly of: readonly DescribedResource[];
  readonly document: OpenApiDocument;
}

function isSame(a: readonly DescribedResource[], b: readonly DescribedResource[]): boolean {
  return a.length === b.length && a.every((resource, i) => resource === b[i]);
}

function documentOf(value: object | Uint8Array): OpenApiDocument {
  const bytes = value instanceof Uint8Array ? value : Buffer.from(JSON.stringify(value));
  return { bytes, hash: createHash('sha512').update(bytes).digest('hex').toUpperCase() };
}
