/** The OpenAPI documents as bytes: built when first asked for, kept until the resources change, named by their hash. */

import { createHash } from 'node:crypto';
import type { ResourceDef, Schema } from '../schema/schema.ts';
import { openApiV2Document } from './v2.ts';
import { openApiV2Protobuf } from './v2-protobuf.ts';
import { openApiV3Document, openApiV3Paths, v3Path } from './v3.ts';

export interface OpenApiDocument {
  readonly bytes: Uint8Array;
  /** Of the bytes; an ETag is this in quotes. */
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

/** `version` is the server's, `v1.36.0`. */
export function openApi(schema: Schema, resources: readonly ResourceDef[], version: string): OpenApi {
  const built = new Map<string, OpenApiDocument>();
  const once = (key: string, build: () => object | Uint8Array): OpenApiDocument => {
    let document = built.get(key);
    if (document === undefined) {
      document = documentOf(build());
      built.set(key, document);
    }
    return document;
  };
  const v3 = (path: string): OpenApiDocument | undefined => {
    const ofPath = resources.filter((def) => v3Path(def) === path);
    return ofPath.length === 0 ? undefined : once(path, () => openApiV3Document(schema, ofPath, version));
  };
  return {
    v2: () => once('v2', () => openApiV2Document(schema, resources, version)),
    v2Protobuf: () =>
      once('v2 protobuf', () => openApiV2Protobuf(openApiV2Document(schema, resources, version))),
    v3,
    v3Index: () =>
      once('v3', () => {
        const entries = openApiV3Paths(resources).map((path) => {
          const serverRelativeURL = `/openapi/v3/${path}?hash=${v3(path)?.hash}`;
          return [path, { serverRelativeURL }];
        });
        return { paths: Object.fromEntries(entries) };
      }),
  };
}

function documentOf(value: object | Uint8Array): OpenApiDocument {
  const bytes = value instanceof Uint8Array ? value : Buffer.from(JSON.stringify(value));
  return { bytes, hash: createHash('sha512').update(bytes).digest('hex').toUpperCase() };
}
