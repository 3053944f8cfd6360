/** For tests: a made-up kind, `widgets.example.com`, that an API server can serve. */

import type { Conversion } from '#api/kind/conversion.ts';
import type { KindRules } from '#api/kind/define-kind.ts';
import { defineKind } from '#api/kind/define-kind.ts';
import { ageColumn, column, nameColumn, type Printer } from '#api/kind/printer.ts';
import { dropStatus, keepStatus } from '#api/kind/status-handling.ts';
import type { KubeObject } from '#api/meta/object.ts';
import { resourceType } from '#api/meta/resource.ts';
import { loadSchema } from '#api/schema/load-schema.ts';
import { overlaySchema } from '#api/schema/overlay-schema.ts';
import type { FieldDef, ResourceDef, TypeDef, TypeRef } from '#api/schema/schema.ts';
import { notSupported } from '#api/validation/field-error.ts';
import { humanAge } from '#api/values/duration.ts';
import type { ServableKind } from '#apiserver/registry/served-resource.ts';

export interface Widget extends KubeObject {
  spec?: { size: string; parts?: { name: string; count?: number }[]; note?: string; replicas?: number };
  status?: { replicas?: number };
}

export const widgets = resourceType<Widget>('example.com', 'v1', 'widgets', 'Widget', true);

export function widget(name: string, spec: Partial<Widget['spec'] & object> = {}, namespace = 'default') {
  return { metadata: { name, namespace }, spec: { size: 'small', ...spec } };
}

export const widgetPrinter: Printer<Widget> = {
  columns: [nameColumn, column('Size'), ageColumn],
  cells: ({ metadata, spec }, nowMs) => [
    metadata?.name ?? '',
    spec?.size ?? '',
    humanAge(metadata?.creationTimestamp, nowMs),
  ],
};

const sizes = ['small', 'large'];

const rules: KindRules<Widget> = {
  isJsonOnly: true,
  storageFolder: 'example.com/widgets',
  setDefaults(object) {
    if (object.spec) object.spec.replicas ??= 1;
  },
  prepareForCreate: dropStatus,
  prepareForUpdate: keepStatus,
  validate: ({ spec }) =>
    spec && !sizes.includes(spec.size) ? [notSupported('spec.size', spec.size, sizes)] : [],
  selectableFields: ({ spec }) => ({ 'spec.size': spec?.size ?? '' }),
  printer: widgetPrinter,
  scale: {
    specReplicasPath: ['spec', 'replicas'],
    statusReplicasPath: ['status', 'replicas'],
    selector: () => '',
  },
};

/** With further fields in its spec, and other validation. */
export function servableWidget(
  fields: readonly FieldDef[] = [],
  changes: KindRules<Widget> = {},
): ServableKind {
  const schema = overlaySchema(loadSchema(), { resources: [def], types: typesWith(fields) });
  return { kind: defineKind(widgets, { ...rules, ...changes }), def, schema };
}

export const widgetsV2 = resourceType<Widget>('example.com', 'v2', 'widgets', 'Widget', true);

/** A second version of the same objects, which are stored in the first. */
export function servableWidgetV2(): ServableKind {
  const defV2 = { ...def, version: widgetsV2.version };
  const schema = overlaySchema(loadSchema(), {
    resources: [defV2],
    types: typesWith([{ name: 'note', type: string }]),
  });
  const { selectableFields: _, validate: __, ...shared } = rules;
  const conversion: Conversion = {
    storedAs: widgets,
    fromStored: (stored) => ({ ...stored, apiVersion: 'example.com/v2' }),
    toStored: (object) => ({ ...object, apiVersion: 'example.com/v1' }),
    storedField: (field) => field,
  };
  return { kind: defineKind(widgetsV2, { ...shared, conversion }), def: defV2, schema };
}

const typeName = 'com.example.v1.Widget';
const verbs = ['create', 'delete', 'deletecollection', 'get', 'list', 'patch', 'update', 'watch'];

const def: ResourceDef = {
  group: widgets.group,
  version: widgets.version,
  resource: widgets.resource,
  kind: widgets.kind,
  namespaced: widgets.namespaced,
  singular: 'widget',
  shortNames: ['wd'],
  categories: ['all'],
  verbs,
  type: typeName,
  subresources: [
    {
      name: 'scale',
      group: 'autoscaling',
      version: 'v1',
      kind: 'Scale',
      verbs: ['get', 'patch', 'update'],
    },
    {
      name: 'status',
      group: widgets.group,
      version: widgets.version,
      kind: widgets.kind,
      verbs: ['get', 'patch', 'update'],
    },
  ],
};

export const string: TypeRef = { kind: 'string' };
const integer: TypeRef = { kind: 'int32' };
const object = (name: string): TypeRef => ({ kind: 'object', name });

function typesWith(fields: readonly FieldDef[]): TypeDef[] {
  const parts: FieldDef = {
    name: 'parts',
    type: { kind: 'list', of: object(`${typeName}Part`) },
    listType: 'map',
    listMapKeys: ['name'],
    patchStrategy: 'merge',
    patchMergeKey: 'name',
  };
  return [
    typeOf(
      typeName,
      { name: 'apiVersion', type: string },
      { name: 'kind', type: string },
      { name: 'metadata', type: object('io.k8s.apimachinery.pkg.apis.meta.v1.ObjectMeta') },
      { name: 'spec', type: object(`${typeName}Spec`), required: true },
      { name: 'status', type: object(`${typeName}Status`) },
    ),
    typeOf(
      `${typeName}Spec`,
      { name: 'size', type: string, required: true },
      parts,
      { name: 'replicas', type: integer },
      ...fields,
    ),
    typeOf(
      `${typeName}Part`,
      { name: 'name', type: string, required: true },
      { name: 'count', type: integer },
    ),
    typeOf(`${typeName}Status`, { name: 'replicas', type: integer }),
  ];
}

function typeOf(name: string, ...fields: FieldDef[]): TypeDef {
  return {
    name,
    fields: new Map(fields.map((field) => [field.name, field])),
    required: fields.filter(({ required }) => required).map((field) => field.name),
  };
}
