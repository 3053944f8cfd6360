/** The types of the aggregated discovery document, for its protobuf form: no published schema has them. */

import { loadSchema } from '../schema/load-schema.ts';
import { overlaySchema } from '../schema/overlay-schema.ts';
import type { Schema, TypeDef, TypeRef } from '../schema/schema.ts';

const prefix = 'io.k8s.api.apidiscovery.v2.';
const metaPrefix = 'io.k8s.apimachinery.pkg.apis.meta.v1.';
export const aggregatedType = `${prefix}APIGroupDiscoveryList`;

const text: TypeRef = { kind: 'string' };
const texts: TypeRef = { kind: 'list', of: text };
const object = (name: string): TypeRef => ({ kind: 'object', name });
const list = (name: string): TypeRef => ({ kind: 'list', of: object(prefix + name) });
const kind = object(`${metaPrefix}GroupVersionKind`);

/** Each field with its protobuf number. */
const types: readonly TypeDef[] = [
  typeOf(`${metaPrefix}GroupVersionKind`, { group: [1, text], version: [2, text], kind: [3, text] }),
  typeOf(aggregatedType, {
    metadata: [1, object(`${metaPrefix}ListMeta`)],
    items: [2, list('APIGroupDiscovery')],
  }),
  typeOf(`${prefix}APIGroupDiscovery`, {
    metadata: [1, object(`${metaPrefix}ObjectMeta`)],
    versions: [2, list('APIVersionDiscovery')],
  }),
  typeOf(`${prefix}APIVersionDiscovery`, {
    version: [1, text],
    resources: [2, list('APIResourceDiscovery')],
    freshness: [3, text],
  }),
  typeOf(`${prefix}APIResourceDiscovery`, {
    resource: [1, text],
    responseKind: [2, kind],
    scope: [3, text],
    singularResource: [4, text],
    verbs: [5, texts],
    shortNames: [6, texts],
    categories: [7, texts],
    subresources: [8, list('APISubresourceDiscovery')],
  }),
  typeOf(`${prefix}APISubresourceDiscovery`, {
    subresource: [1, text],
    responseKind: [2, kind],
    acceptedTypes: [3, { kind: 'list', of: kind }],
    verbs: [4, texts],
  }),
];

function typeOf(
  name: string,
  numbered: Readonly<Record<string, readonly [protobuf: number, type: TypeRef]>>,
): TypeDef {
  const fields = Object.entries(numbered).map(
    ([field, [protobuf, type]]) => [field, { name: field, type, protobuf }] as const,
  );
  return { name, fields: new Map(fields), required: [] };
}

export function discoverySchema(): Schema {
  return overlaySchema(loadSchema(), { resources: [], types });
}
