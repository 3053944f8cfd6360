/**
 * The OpenAPI 2.0 document as a protobuf message of gnostic's `openapi.v2`: the form stock kubectl asks for when it
 * checks a List, whose kind has no path of its own.
 *
 * Only what `openapi-v2.ts` writes has a place in these tables. What an extension (`x-…`) holds travels as YAML text,
 * of which JSON is a part.
 */

import protobuf from 'protobufjs/minimal.js';
import type { JsonObject } from '#wire/json-value.ts';

type Writer = protobuf.Writer;
/** Writes one field of a message. */
type Put = (writer: Writer, number: number, value: unknown) => void;
/** By name in the JSON document: the field's number and how it is written; `x-` stands for the extensions. */
type Message = Readonly<Record<string, readonly [number, Put]>>;

const lengthDelimited = 2;
const varint = 0;
const extension = 'x-';

function write(writer: Writer, message: Message, value: unknown): void {
  for (const [name, one] of Object.entries(value as JsonObject)) {
    if (name.startsWith(extension)) writeExtension(writer, message[extension], name, one);
    else if (message[name]) message[name][1](writer, message[name][0], one);
  }
}

function writeExtension(
  writer: Writer,
  field: Message[string] | undefined,
  name: string,
  value: unknown,
): void {
  if (!field) return;
  block(writer, field[0], () => {
    text(writer, 1, name);
    block(writer, 2, () => text(writer, 2, JSON.stringify(value)));
  });
}

function block(writer: Writer, number: number, content: () => void): void {
  writer.uint32((number << 3) | lengthDelimited).fork();
  content();
  writer.ldelim();
}

const text: Put = (writer, number, value) =>
  void writer.uint32((number << 3) | lengthDelimited).string(String(value));
const flag: Put = (writer, number, value) => void writer.uint32((number << 3) | varint).bool(value === true);
const texts: Put = (writer, number, value) => {
  for (const one of [value].flat()) text(writer, number, one);
};
/** Written where extensions go, not here. */
const separate: Put = () => undefined;

/** A message; looked up late, since schemas hold schemas. */
const one =
  (message: () => Message): Put =>
  (writer, number, value) =>
    block(writer, number, () => write(writer, message(), value));

const many =
  (put: Put): Put =>
  (writer, number, value) => {
    for (const each of value as unknown[]) put(writer, number, each);
  };

/** A message around the value, which is its field `inner`. */
const within =
  (inner: number, put: Put): Put =>
  (writer, number, value) =>
    block(writer, number, () => put(writer, inner, value));

/** A map: an entry of name and value for each key. */
const named =
  (put: Put): Put =>
  (writer, number, value) => {
    for (const [name, each] of Object.entries(value as JsonObject))
      block(writer, number, () => {
        text(writer, 1, name);
        put(writer, 2, each);
      });
  };

const aSchema = one(() => schema);

const schema: Message = {
  $ref: [1, text],
  format: [2, text],
  title: [3, text],
  description: [4, text],
  default: [
    5,
    (writer, number, value) => block(writer, number, () => text(writer, 2, JSON.stringify(value))),
  ],
  required: [19, texts],
  enum: [
    20,
    many((writer, number, value) => block(writer, number, () => text(writer, 2, JSON.stringify(value)))),
  ],
  additionalProperties: [
    21,
    (writer, number, value) =>
      block(writer, number, () =>
        typeof value === 'boolean' ? flag(writer, 2, value) : aSchema(writer, 1, value),
      ),
  ],
  type: [22, within(1, texts)],
  items: [23, within(1, aSchema)],
  allOf: [24, many(aSchema)],
  properties: [25, within(1, named(aSchema))],
  [extension]: [31, separate],
};

const bodyParameter: Message = { name: [2, text], in: [3, text], required: [4, flag], schema: [5, aSchema] };
const queryParameter: Message = {
  required: [1, flag],
  in: [2, text],
  name: [4, text],
  type: [6, text],
  uniqueItems: [20, flag],
};
const pathParameter: Message = {
  required: [1, flag],
  in: [2, text],
  name: [4, text],
  type: [5, text],
  uniqueItems: [19, flag],
};

/** Which of the kinds of parameter it is decides the wrappers around it. */
const aParameter: Put = (writer, number, value) => {
  const place = (value as JsonObject)['in'];
  const put =
    place === 'body'
      ? within(
          1,
          one(() => bodyParameter),
        )
      : place === 'query'
        ? within(
            2,
            within(
              3,
              one(() => queryParameter),
            ),
          )
        : within(
            2,
            within(
              4,
              one(() => pathParameter),
            ),
          );
  block(writer, number, () => put(writer, 1, value));
};

const response: Message = { description: [1, text], schema: [2, within(1, aSchema)] };

const operation: Message = {
  tags: [1, texts],
  description: [3, text],
  operationId: [5, text],
  produces: [6, texts],
  consumes: [7, texts],
  parameters: [8, many(aParameter)],
  responses: [
    9,
    within(
      1,
      named(
        within(
          1,
          one(() => response),
        ),
      ),
    ),
  ],
  schemes: [10, texts],
  [extension]: [13, separate],
};

const anOperation = one(() => operation);

const pathItem: Message = {
  get: [2, anOperation],
  put: [3, anOperation],
  post: [4, anOperation],
  delete: [5, anOperation],
  options: [6, anOperation],
  head: [7, anOperation],
  patch: [8, anOperation],
  parameters: [9, many(aParameter)],
};

const apiKey: Message = { type: [1, text], name: [2, text], in: [3, text] };

const document: Message = {
  swagger: [1, text],
  info: [2, one(() => ({ title: [1, text], version: [2, text] }))],
  paths: [8, within(2, named(one(() => pathItem)))],
  definitions: [9, within(1, named(aSchema))],
  security: [12, many(within(1, named(within(1, texts))))],
  securityDefinitions: [
    13,
    within(
      1,
      named(
        within(
          2,
          one(() => apiKey),
        ),
      ),
    ),
  ],
};

export function openApiV2Protobuf(value: object): Uint8Array {
  const writer = protobuf.Writer.create();
  write(writer, document, value);
  return writer.finish();
}
