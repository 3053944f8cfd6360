/** Makes a kind, as those of built-in resources, from a version of a CustomResourceDefinition. */

import { copyJson } from '#base/copy-json.ts';
import { lazily } from '#base/lazily.ts';
import type { FieldSchema } from '../fields/field-schema.ts';
import type { CustomResourceDefinition, CustomResourceDefinitionVersion } from '../generated/types.gen.ts';
import { defineKind, type Kind } from '../kind/define-kind.ts';
import { dropStatus, keepStatus } from '../kind/status-handling.ts';
import { isConditionTrue } from '../meta/conditions.ts';
import type { AnyObject } from '../meta/object.ts';
import { resourceType } from '../meta/resource.ts';
import { loadSchema } from '../schema/load-schema.ts';
import { listTypeOf, overlaySchema } from '../schema/overlay-schema.ts';
import type {
  FieldDef,
  OpenApiVersion,
  ResourceDef,
  Schema,
  SubresourceDef,
  TypeDef,
} from '../schema/schema.ts';
import { type ConversionWebhook, customConversion } from './conversion.ts';
import { deprecationOf } from './deprecation.ts';
import { fieldSchemaOfStructure } from './field-ownership.ts';
import { finalizerWarnings } from './finalizer-warnings.ts';
import { publishedList, publishedSchema } from './openapi/published-schema.ts';
import { customPrinter } from './paths/columns.ts';
import { selectableValues } from './paths/selectable-fields.ts';
import { readCustomObject } from './read-object.ts';
import { scaleRules } from './scale.ts';
import { structuralSchema } from './structural-schema.ts';
import { objectValidation } from './validate-object.ts';

export interface CustomKind {
  readonly kind: Kind;
  readonly def: ResourceDef;
  readonly schema: Schema;
  readonly fieldSchema: FieldSchema;
}

export function customKind(
  definition: CustomResourceDefinition,
  version: CustomResourceDefinitionVersion,
  webhook?: ConversionWebhook,
): CustomKind {
  const def = resourceDef(definition, version);
  const structure = lazily(() => structuralSchema(version.schema?.openAPIV3Schema ?? {}));
  const ownership = lazily(() => fieldSchemaOfStructure(structure()));
  const type = resourceType<AnyObject>(def.group, def.version, def.resource, def.kind, def.namespaced);
  const selectableFields = selectableValues(version.selectableFields);
  const indexedFields = selectableValues(
    definition.spec.versions.flatMap((each) => each.selectableFields ?? []),
  );
  const deprecation = deprecationOf(definition.spec, version);
  const conversion = customConversion(definition, type, webhook);
  const { scale, status } = version.subresources ?? {};
  const isEnding = isConditionTrue(definition.status, 'Terminating');
  const validation = objectValidation(version, structure, scale);
  const kind = defineKind<AnyObject>(type, {
    isJsonOnly: true,
    hasGeneration: true,
    allowUnconditionalUpdate: false,
    takesPlainFinalizers: true,
    storageFolder: `${def.group}/${def.resource}`,
    read: (object) => readCustomObject(object, structure()),
    comparesLiterally: true,
    specOf: ({ metadata: _, ...rest }) => rest,
    ...(status ? { prepareForCreate: dropStatus, prepareForUpdate: keepStatus } : {}),
    prepareForStatusUpdate: keepAllButStatus,
    resetFields: { '': status ? ['status'] : [], status: ['metadata', 'spec'] },
    warnings: (object, old) => [...finalizerWarnings(object, old), ...validation.warnings(object)],
    validate: validation.create,
    validateUpdate: validation.update,
    validateStatusUpdate: validation.updateStatus,
    printer: customPrinter(version.additionalPrinterColumns),
    ...(selectableFields ? { selectableFields } : {}),
    ...(indexedFields ? { indexedFields } : {}),
    ...(deprecation ? { deprecation } : {}),
    ...(isEnding
      ? { refusesCreate: 'create not allowed while custom resource definition is terminating' }
      : {}),
    ...(conversion ? { conversion } : {}),
    ...(scale ? { scale: scaleRules(scale) } : {}),
  });
  return { kind, def, schema: schemaOf(def, version), fieldSchema: lateFieldSchema(ownership) };
}

const verbs = ['delete', 'deletecollection', 'get', 'list', 'patch', 'create', 'update', 'watch'];
const subresourceVerbs = ['get', 'patch', 'update'];

function resourceDef(
  { spec, status }: CustomResourceDefinition,
  { name: version, subresources }: CustomResourceDefinitionVersion,
): ResourceDef {
  const { group } = spec;
  const names = { ...spec.names, ...status?.acceptedNames };
  const { kind } = names;
  const below: SubresourceDef[] = [];
  if (subresources?.status) below.push({ name: 'status', group, version, kind, verbs: subresourceVerbs });
  if (subresources?.scale) below.push({ name: 'scale', ...scaleKind, verbs: subresourceVerbs });
  return {
    group,
    version,
    kind,
    resource: names.plural,
    singular: names.singular ?? kind.toLowerCase(),
    namespaced: spec.scope === 'Namespaced',
    shortNames: names.shortNames ?? [],
    categories: names.categories ?? [],
    verbs,
    subresources: below,
    type: typeNameOf(group, version, kind),
  };
}

const scaleKind = { group: 'autoscaling', version: 'v1', kind: 'Scale' };

/** `com.example.v1.Widget`, as upstream names it in OpenAPI documents. */
function typeNameOf(group: string, version: string, kind: string): string {
  return [...group.split('.').reverse(), version, kind].join('.');
}

/** Objects are decoded by their structural schema; this schema only gives their type a name. */
function schemaOf(def: ResourceDef, version: CustomResourceDefinitionVersion): Schema {
  const root = rootType(def.type, version);
  const list = { ...listTypeOf(def), published: publishedList(def.type, version) };
  return overlaySchema(loadSchema(), { resources: [def], types: [root, list] });
}

const rootFields: ReadonlyMap<string, FieldDef> = new Map(
  (
    [
      { name: 'apiVersion', type: { kind: 'string' } },
      { name: 'kind', type: { kind: 'string' } },
      {
        name: 'metadata',
        type: { kind: 'object', name: 'io.k8s.apimachinery.pkg.apis.meta.v1.ObjectMeta' },
      },
    ] as const
  ).map((field) => [field.name, field]),
);

function rootType(name: string, version: CustomResourceDefinitionVersion): TypeDef {
  const published = (openApi: OpenApiVersion) => publishedSchema(version, openApi);
  return { name, fields: rootFields, required: [], published };
}

/** A write to `/status` changes only the status, and the managedFields. */
function keepAllButStatus(object: AnyObject, old: AnyObject): void {
  const { resourceVersion, managedFields } = object.metadata ?? {};
  const kept = copyJson(old);
  const { status } = object;
  for (const field of Object.keys(object)) delete object[field];
  Object.assign(object, kept);
  object.metadata = { ...kept.metadata };
  if (resourceVersion !== undefined) object.metadata.resourceVersion = resourceVersion;
  if (managedFields) object.metadata.managedFields = managedFields;
  if (status === undefined) delete object['status'];
  else object['status'] = status;
}

/** Made when first used: of many definitions most are never applied to between two starts of a server. */
function lateFieldSchema(schema: () => FieldSchema): FieldSchema {
  return {
    scalar: undefined,
    list: undefined,
    get map() {
      return schema().map;
    },
  };
}
