/**
 * The OpenAPI 2.0 document as a protobuf message of gnostic's `openapi.v2`: the format stock kubectl requests
 * when it validates a List, whose kind has no path of its own.
 *
 * These tables contain only what `v2.ts` writes. The value of an extension (`x-…`) is YAML text, of which
 * JSON is a subset.
 */

import protobuf from 'protobufjs/minimal.js';
import type { JsonObject } from '#wire/json/value.ts';
import { wrapField } from '../protobuf/envelope.ts';
import { varint, type Writer, writeNested, writeTag, writeText } from '../protobuf/wire.ts';
import type { FragmentWriter } from './fragments.ts';

/** Writes a value as one field of a message. */
type Put = (writer: Writer, field: number, value: unknown) => void;
/** By name in the JSON document: the field's number and encoding; `x-` stands for the extensions. */
type Layout = Readonly<Record<string, readonly [field: number, Put]>>;

const extension = 'x-';

function writeFields(writer: Writer, layout: Layout, value: unknown): void {
  for (const [name, part] of Object.entries(value as JsonObject)) {
    const [field, put] = layout[name.startsWith(extension) ? extension : name] ?? [];
    if (field === undefined || !put) continue;
    if (name.startsWith(extension)) writeEntry(writer, field, name, () => asYaml(writer, 2, part));
    else put(writer, field, part);
  }
}

/** A name, and what `writeValue` writes as field 2. */
function writeEntry(writer: Writer, field: number, name: string, writeValue: () => void): void {
  writeNested(writer, field, () => {
    writeText(writer, 1, name);
    writeValue();
  });
}

const text: Put = (writer, field, value) => writeText(writer, field, String(value));

const flag: Put = (writer, field, value) => {
  writeTag(writer, field, varint).bool(value === true);
};

const texts: Put = (writer, field, value) => {
  for (const each of [value].flat()) text(writer, field, each);
};

/** Any value at all: YAML text in a message of its own. */
const asYaml: Put = (writer, field, value) =>
  writeNested(writer, field, () => writeText(writer, 2, JSON.stringify(value)));

/** The layout is looked up lazily, since schemas contain schemas. */
const message =
  (layout: () => Layout): Put =>
  (writer, field, value) =>
    writeNested(writer, field, () => writeFields(writer, layout(), value));

const many =
  (put: Put): Put =>
  (writer, field, value) => {
    for (const each of value as unknown[]) put(writer, field, each);
  };

/** A message around the value, which is its field `inner`. */
const within =
  (inner: number, put: Put): Put =>
  (writer, field, value) =>
    writeNested(writer, field, () => put(writer, inner, value));

/** A map: an entry of name and value for each key. */
const named =
  (put: Put): Put =>
  (writer, field, value) => {
    for (const [name, each] of Object.entries(value as JsonObject)) {
      writeEntry(writer, field, name, () => put(writer, 2, each));
    }
  };

const aSchema = message(() => schema);
const aBodyParameter = message(() => bodyParameter);
const aQueryParameter = message(() => queryParameter);
const aPathParameter = message(() => pathParameter);
const aResponse = message(() => response);
const anOperation = message(() => operation);
const aPathItem = message(() => pathItem);
const anApiKey = message(() => apiKey);

const schemaOrFlag: Put = (writer, field, value) =>
  writeNested(writer, field, () =>
    typeof value === 'boolean' ? flag(writer, 2, value) : aSchema(writer, 1, value),
  );

const schema: Layout = {
  $ref: [1, text],
  format: [2, text],
  title: [3, text],
  description: [4, text],
  default: [5, asYaml],
  required: [19, texts],
  enum: [20, many(asYaml)],
  additionalProperties: [21, schemaOrFlag],
  type: [22, within(1, texts)],
  items: [23, within(1, aSchema)],
  allOf: [24, many(aSchema)],
  properties: [25, within(1, named(aSchema))],
  [extension]: [31, asYaml],
};

const bodyParameter: Layout = { name: [2, text], in: [3, text], required: [4, flag], schema: [5, aSchema] };
const queryParameter: Layout = {
  required: [1, flag],
  in: [2, text],
  name: [4, text],
  type: [6, text],
  uniqueItems: [20, flag],
};
const pathParameter: Layout = {
  required: [1, flag],
  in: [2, text],
  name: [4, text],
  type: [5, text],
  uniqueItems: [19, flag],
};

/** The `in` of a parameter determines the wrappers around it. */
const parameters: Readonly<Record<string, Put>> = {
  body: within(1, aBodyParameter),
  query: within(2, within(3, aQueryParameter)),
  path: within(2, within(4, aPathParameter)),
};

const aParameter: Put = (writer, field, value) => {
  const place = (value as JsonObject)['in'] as string;
  writeNested(writer, field, () => parameters[place]?.(writer, 1, value));
};

const response: Layout = { description: [1, text], schema: [2, within(1, aSchema)] };

const operation: Layout = {
  tags: [1, texts],
  description: [3, text],
  operationId: [5, text],
  produces: [6, texts],
  consumes: [7, texts],
  parameters: [8, many(aParameter)],
  responses: [9, within(1, named(within(1, aResponse)))],
  schemes: [10, texts],
  [extension]: [13, asYaml],
};

const pathItem: Layout = {
  get: [2, anOperation],
  put: [3, anOperation],
  post: [4, anOperation],
  delete: [5, anOperation],
  options: [6, anOperation],
  head: [7, anOperation],
  patch: [8, anOperation],
  parameters: [9, many(aParameter)],
};

const info: Layout = { title: [1, text], version: [2, text] };

const apiKey: Layout = { type: [1, text], name: [2, text], in: [3, text] };

const swagger: Layout = {
  swagger: [1, text],
  info: [2, message(() => info)],
  paths: [8, within(2, named(aPathItem))],
  definitions: [9, within(1, named(aSchema))],
  security: [12, many(within(1, named(within(1, texts))))],
  securityDefinitions: [13, within(1, named(within(2, anApiKey)))],
};

/** A document of OpenAPI 2.0, or some of its fields. */
export function openApiV2Protobuf(document: object): Uint8Array {
  return written((writer) => writeFields(writer, swagger, document));
}

/** Entries of the messages that `wrapEntries` makes. */
export const protobufEntries: Omit<FragmentWriter, 'contentOf'> = {
  path: (name, item) => written((writer) => named(aPathItem)(writer, 2, { [name]: item })),
  definition: (name, value) => written((writer) => named(aSchema)(writer, 1, { [name]: value })),
  separated: (entries) => entries,
};

/** The fields of a document for its paths and definitions. */
export function wrapEntries(paths: readonly Uint8Array[], definitions: readonly Uint8Array[]): Uint8Array {
  return Buffer.concat([wrapField(8, Buffer.concat(paths)), wrapField(9, Buffer.concat(definitions))]);
}

function written(write: (writer: Writer) => void): Uint8Array {
  const writer = protobuf.Writer.create();
  write(writer);
  return writer.finish();
}
