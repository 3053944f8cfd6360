/**
 * The resources and types of `metrics.k8s.io/v1beta1`, by upstream's names. The group is an extension API of its own
 * upstream, with its own documents: that is why it is not part of the schema of built-in kinds.
 */

import { loadSchema } from '../schema/load-schema.ts';
import { overlaySchema } from '../schema/overlay-schema.ts';
import type { FieldDef, ResourceDef, Schema, TypeDef, TypeRef } from '../schema/schema.ts';

export const metricsGroup = 'metrics.k8s.io';
export const metricsVersion = 'v1beta1';

const typePrefix = 'io.k8s.metrics.pkg.apis.metrics.v1beta1.';
const objectMeta: TypeRef = { kind: 'object', name: 'io.k8s.apimachinery.pkg.apis.meta.v1.ObjectMeta' };
const text: TypeRef = { kind: 'string' };
const usage: TypeRef = { kind: 'map', of: { kind: 'quantity' } };
const containers: TypeRef = { kind: 'list', of: { kind: 'object', name: `${typePrefix}ContainerMetrics` } };

/** What both kinds have, with protobuf numbers. */
const common: readonly FieldDef[] = [
  { name: 'apiVersion', type: text },
  { name: 'kind', type: text },
  { name: 'metadata', type: objectMeta, protobuf: 1 },
  { name: 'timestamp', type: { kind: 'time' }, required: true, protobuf: 2 },
  { name: 'window', type: { kind: 'duration' }, required: true, protobuf: 3 },
];

const types: readonly TypeDef[] = [
  {
    name: 'io.k8s.apimachinery.pkg.apis.meta.v1.Duration',
    fields: new Map(),
    required: [],
    published: () => ({ type: 'string' }),
  },
  type('ContainerMetrics', [
    { name: 'name', type: text, required: true, protobuf: 1 },
    { name: 'usage', type: usage, required: true, protobuf: 2 },
  ]),
  type('NodeMetrics', [...common, { name: 'usage', type: usage, required: true, protobuf: 4 }]),
  type('PodMetrics', [
    ...common,
    { name: 'containers', type: containers, required: true, listType: 'atomic', protobuf: 4 },
  ]),
];

export const nodeMetricsDef = resource('nodes', 'NodeMetrics', false);
export const podMetricsDef = resource('pods', 'PodMetrics', true);

let loaded: Schema | undefined;

export function metricsSchema(): Schema {
  loaded ??= overlaySchema(loadSchema(), { resources: [nodeMetricsDef, podMetricsDef], types });
  return loaded;
}

function type(name: string, fields: readonly FieldDef[]): TypeDef {
  return {
    name: typePrefix + name,
    fields: new Map(fields.map((field) => [field.name, field])),
    required: fields.filter(({ required }) => required).map((field) => field.name),
  };
}

function resource(name: string, kind: string, namespaced: boolean): ResourceDef {
  return {
    group: metricsGroup,
    version: metricsVersion,
    resource: name,
    singular: '',
    kind,
    namespaced,
    shortNames: [],
    categories: [],
    verbs: ['get', 'list'],
    subresources: [],
    type: typePrefix + kind,
  };
}
