/** Reads the reference folder; selects what the schema needs of it. */

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import type { GoFields } from './go-source.ts';

export interface SwaggerSchema {
  $ref?: string;
  type?: string;
  format?: string;
  items?: SwaggerSchema;
  additionalProperties?: SwaggerSchema;
  properties?: Record<string, SwaggerSchema>;
  required?: string[];
  'x-kubernetes-list-type'?: string;
  'x-kubernetes-list-map-keys'?: string[];
  'x-kubernetes-map-type'?: string;
  'x-kubernetes-patch-strategy'?: string;
  'x-kubernetes-patch-merge-key'?: string;
  'x-kubernetes-group-version-kind'?: { group: string; version: string; kind: string }[];
}

export interface DiscoveredResource {
  resource: string;
  responseKind: { group: string; version: string; kind: string };
  scope: string;
  singularResource: string;
  shortNames?: string[];
  categories?: string[];
  verbs: string[];
  subresources?: { subresource: string; responseKind: DiscoveredResource['responseKind']; verbs: string[] }[];
}

export interface DiscoveredGroup {
  metadata: { name?: string };
  versions: { version: string; resources: DiscoveredResource[] }[];
}

export interface Reference {
  definitions: Record<string, SwaggerSchema>;
  groups: DiscoveredGroup[];
  defaults: Record<string, Record<string, unknown>>;
  enums: Record<string, string[]>;
  fields: Record<string, Record<string, { enum?: string; default?: unknown }>>;
  messages: Record<string, Record<string, [number, string, string?]>>;
  go: Record<string, GoFields>;
}

export function readReference(folder: string): Reference {
  const json = (file: string) => {
    const bytes = readFileSync(join(folder, file));
    return JSON.parse((file.endsWith('.gz') ? gunzipSync(bytes) : bytes).toString('utf8'));
  };
  const discovery = json('discovery.json');
  const merge = json('merge-facts.json').definitions as Record<
    string,
    { defaults?: Record<string, unknown> }
  >;
  const field = json('field-facts.json');
  return {
    definitions: json('openapi-v2.json.gz').definitions,
    groups: [...discovery['/api'].items, ...discovery['/apis'].items],
    defaults: Object.fromEntries(Object.entries(merge).map(([name, facts]) => [name, facts.defaults ?? {}])),
    enums: field.enums,
    fields: field.definitions,
    messages: json('protobuf-fields.json.gz'),
    go: JSON.parse(readFileSync(new URL('go-facts.json', import.meta.url), 'utf8')),
  };
}

/** `v1`, `v2`: the versions that a default API server serves. */
export function isStable(version: string): boolean {
  return /^v\d+$/.test(version);
}
