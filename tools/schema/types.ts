/** The types of the stable versions and of meta/v1, as the rows of the schema file. */

import { goTypeText } from '../../src/api/schema/decode-error.ts';
import { typeRef } from '../../src/api/schema/load-schema.ts';
import type { FieldExtras, FieldRow, ResourceRow, TypeRow } from '../../src/api/schema/schema-file.ts';
import { isStable, type Reference, type SwaggerSchema } from './reference.ts';

const prefix = 'io.k8s.';

/** Definitions that are encoded as a single value. */
const scalars: Record<string, string> = {
  'apimachinery.pkg.api.resource.Quantity': 'quantity',
  'apimachinery.pkg.apis.meta.v1.Time': 'time',
  'apimachinery.pkg.apis.meta.v1.MicroTime': 'microTime',
  'apimachinery.pkg.util.intstr.IntOrString': 'intOrString',
  'apimachinery.pkg.apis.meta.v1.FieldsV1': 'any',
  'apimachinery.pkg.apis.meta.v1.Patch': 'any',
  'apimachinery.pkg.runtime.RawExtension': 'any',
  'apiextensions-apiserver.pkg.apis.apiextensions.v1.JSON': 'any',
  'apiextensions-apiserver.pkg.apis.apiextensions.v1.JSONSchemaPropsOrArray': 'any',
  'apiextensions-apiserver.pkg.apis.apiextensions.v1.JSONSchemaPropsOrBool': 'any',
  'apiextensions-apiserver.pkg.apis.apiextensions.v1.JSONSchemaPropsOrStringArray': 'any',
};

export function schemaTypes(reference: Reference): Record<string, TypeRow> {
  const types: Record<string, TypeRow> = {};
  for (const name of Object.keys(reference.definitions).sort()) {
    const short = name.slice(prefix.length);
    const version = short.split('.').at(-2) ?? '';
    if (short in scalars || !(isStable(version) || version === 'version')) continue;
    types[short] = typeRow(reference, name);
  }
  return types;
}

function typeRow(reference: Reference, name: string): TypeRow {
  const definition = reference.definitions[name]!;
  const required = new Set(definition.required);
  const fields: Record<string, FieldRow> = {};
  for (const field of inGoOrder(reference, name, Object.keys(definition.properties ?? {}))) {
    const schema = definition.properties![field]!;
    const facts = reference.fields[name]?.[field];
    const extras: FieldExtras = {
      ...(required.has(field) ? { required: true } : {}),
      ...mergeExtras(schema),
      ...(facts?.enum && reference.enums[facts.enum] ? { enum: reference.enums[facts.enum]! } : {}),
    };
    const fallback = reference.defaults[name]?.[field] ?? facts?.default;
    if (fallback !== undefined) extras.default = fallback;
    const place = placeOf(reference, name, field);
    Object.assign(extras, place?.extras);
    const code = typeCode(schema);
    settleStruct(code, extras);
    settleListType(code, name.split('.').at(-2)!, extras);
    const row: FieldRow = [code, place?.protobuf ?? 0];
    if (Object.keys(extras).length > 0) row.push(extras);
    fields[field] = row;
  }
  const mapType = definition['x-kubernetes-map-type'];
  return mapType === undefined ? [fields] : [fields, mapType as 'atomic'];
}

/** As they come in Go's struct, which has TypeMeta first: messages show and objects are converted in that order. */
function inGoOrder(reference: Reference, name: string, fields: readonly string[]): string[] {
  const order = new Map(['kind', 'apiVersion', ...goOrder(reference, name)].map((field, i) => [field, i]));
  const place = (field: string) => order.get(field) ?? order.size;
  return [...fields].sort().sort((a, b) => place(a) - place(b));
}

function goOrder(reference: Reference, name: string): string[] {
  const { order, inline = [] } = reference.go[name] ?? {};
  const inlined = new Set(inline.map(([type]) => type));
  const members = order ?? numberedOrder(reference, name, inline);
  return members.flatMap((member) =>
    inlined.has(member) ? goOrder(reference, siblingOf(name, member)) : [member],
  );
}

/** Messages spell some fields differently from JSON. */
function numberedOrder(
  { definitions, messages }: Reference,
  name: string,
  inline: readonly [type: string, protobuf: number][],
): string[] {
  const message = messages[messageName(name)] ?? {};
  const fields = Object.keys(definitions[name]?.properties ?? {}).flatMap((field): [string, number][] => {
    const own = message[field] ?? message[protobufSpelling(message, field)];
    return own ? [[field, own[0]]] : [];
  });
  return [...fields, ...inline].sort((a, b) => a[1] - b[1]).map(([member]) => member);
}

/** A type of the same package. */
function siblingOf(name: string, type: string): string {
  return `${name.slice(0, name.lastIndexOf('.'))}.${type}`;
}

/** Structs that JSON shows as one value: Go has them by value like other structs. */
const structScalars = new Set(['any', 'intOrString', 'quantity']);

/** The sources do not tell structs from named strings, lists and maps of other packages. */
function settleStruct(code: string, extras: FieldExtras): void {
  if (code.startsWith('#')) {
    delete extras.writesZero;
    return;
  }
  if (extras.byValue && structScalars.has(code)) extras.writesZero = true;
  delete extras.byValue;
}

/** Errors of decoding name Go's type: only what the other facts would not say of it is kept. */
function settleListType(code: string, version: string, extras: FieldExtras): void {
  if (code === 'bytes') delete extras.goType;
  if (!/^(\[\]|\{\})/.test(code)) return;
  const text = extras.goType
    ?.replace(/\b(?:metav1|corev1|apiextensionsv1)\./g, 'v1.')
    // Names without a package are of the type's own version.
    .replace(/(^|[\][])(?=[A-Z])/g, `$1${version}.`)
    .replace('byte', 'uint8');
  delete extras.goType;
  if (text && text !== goTypeText(typeRef(code))) extras.goType = text;
}

interface Place {
  protobuf: number;
  extras: FieldExtras;
}

/** Where a field is in Go and protobuf: in the type itself or in a struct inlined into it. */
function placeOf(reference: Reference, name: string, field: string): Place | undefined {
  const go = reference.go[name];
  const message = reference.messages[messageName(name)] ?? {};
  const own = message[field] ?? message[protobufSpelling(message, field)];
  if (own) {
    const goType = go?.stringTypes?.[field];
    const listType = go?.listTypes?.[field];
    const extras: FieldExtras = {};
    if (go?.dropsZero?.includes(field)) extras.dropsZero = true;
    if (go?.nullsZero?.includes(field)) extras.nullsZero = true;
    if (go?.byValue?.includes(field)) extras.byValue = true;
    if (go?.writesZero?.includes(field)) extras.writesZero = true;
    if (listType) extras.goType = listType;
    else if (goType) extras.goType = goType.includes('.') ? goType : `${name.split('.').at(-2)}.${goType}`;
    const items = listType ? wrappedItems(reference, own) : undefined;
    return items === undefined
      ? { protobuf: own[0], extras }
      : { protobuf: items, extras: { ...extras, within: [own[0]] } };
  }
  for (const [inlined, number] of go?.inline ?? []) {
    const place = placeOf(reference, siblingOf(name, inlined), field);
    if (!place) continue;
    const within = [number, ...(place.extras.within ?? [])];
    const path = place.extras.inlined ? `${inlined}.${place.extras.inlined}` : inlined;
    return { protobuf: place.protobuf, extras: { ...place.extras, within, inlined: path } };
  }
  return undefined;
}

/** A list with a type of its own in Go, as Verbs, is a message with the list in it: the number of the list there. */
function wrappedItems({ messages }: Reference, [, type, ...more]: readonly unknown[]): number | undefined {
  if (more.length > 0) return undefined;
  const fields = messages[String(type)] ?? {};
  const { items } = fields;
  return items?.[2] === 'repeated' && Object.keys(fields).length === 1 ? items[0] : undefined;
}

/** Some messages capitalize a field differently from JSON, or leave out its punctuation: `$ref`, `x-kubernetes-map-type`. */
function protobufSpelling(message: object, field: string): string {
  const letters = field.toLowerCase().replace(/[^a-z0-9]/g, '');
  return Object.keys(message).find((key) => key.toLowerCase() === letters) ?? field;
}

function mergeExtras(schema: SwaggerSchema): FieldExtras {
  const extras: FieldExtras = {};
  const listType = schema['x-kubernetes-list-type'];
  const mapType = schema['x-kubernetes-map-type'];
  if (listType) extras.listType = listType as 'atomic';
  if (schema['x-kubernetes-list-map-keys']) extras.listMapKeys = schema['x-kubernetes-list-map-keys'];
  if (mapType) extras.mapType = mapType as 'atomic';
  if (schema['x-kubernetes-patch-strategy']) extras.patchStrategy = schema['x-kubernetes-patch-strategy'];
  if (schema['x-kubernetes-patch-merge-key']) extras.patchMergeKey = schema['x-kubernetes-patch-merge-key'];
  return extras;
}

/** `string`, `#api.core.v1.PodSpec`, `[]string`, `{}quantity`. */
function typeCode(schema: SwaggerSchema): string {
  if (schema.$ref) {
    const short = schema.$ref.replace(`#/definitions/${prefix}`, '');
    return scalars[short] ?? `#${short}`;
  }
  if (schema.type === 'array') return `[]${typeCode(schema.items!)}`;
  if (schema.additionalProperties) return `{}${typeCode(schema.additionalProperties)}`;
  if (schema.type === 'integer') return schema.format === 'int64' ? 'int64' : 'int32';
  if (schema.type === 'number') return 'double';
  if (schema.type === 'boolean') return 'boolean';
  if (schema.format === 'byte') return 'bytes';
  if (schema.type === 'string') return 'string';
  throw new Error(`unknown shape ${JSON.stringify(Object.keys(schema))}`);
}

/** `io.k8s.api.core.v1.Pod` → `k8s.io.api.core.v1.Pod`. */
function messageName(name: string): string {
  return name.replace('io.k8s.', 'k8s.io.').replaceAll('-', '_');
}

/** One line per resource and per type, so that a change reads well in a diff. */
export function schemaText(resources: ResourceRow[], types: Record<string, TypeRow>): string {
  const rows = resources.map((row) => JSON.stringify(row)).join(',\n');
  const lines = Object.entries(types).map(([name, row]) => `${JSON.stringify(name)}:${JSON.stringify(row)}`);
  return `{"resources":[\n${rows}\n],"types":{\n${lines.join(',\n')}\n}}\n`;
}
