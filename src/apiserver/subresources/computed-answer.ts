/** An object, a list or a Status that a handler computed, in the form that its caller takes. */

import { plainPrinter } from '#api/kind/printer.ts';
import type { AnyObject, ListMeta } from '#api/meta/object.ts';
import type { Status } from '#api/meta/status.ts';
import { protobufMediaType, wrapEnvelope, wrapField } from '#api/protobuf/envelope.ts';
import type { GroupVersionKind, Schema } from '#api/schema/schema.ts';
import type { ApiResponse } from '#client/transport/transport.ts';
import { type Encodable, encodeObject } from '../codec/encode/encode-object.ts';
import { mediaResponse } from '../codec/encode/media-response.ts';
import { type Format, isPretty, negotiate } from '../codec/encode/negotiate.ts';
import { offerOf } from '../codec/encode/offer.ts';
import { partialMetadata } from '../codec/encode/partial-metadata.ts';
import { bareMessage, metadataMessage } from '../codec/encode/protobuf-response.ts';
import { encodedStatus } from '../codec/encode/status-response.ts';
import { tableOf, tableOptions } from '../codec/encode/table.ts';
import { checkShowsList } from '../codec/lists/list-shape.ts';
import { fieldNumbers } from '../codec/lists/protobuf-form.ts';
import type { TypedObject } from '../contract/special-handler.ts';
import type { Exchange } from '../request/exchange.ts';

/** The schema type of a built-in kind. */
export function typeOfKind({ group, version, kind }: GroupVersionKind): string {
  const family = group === '' ? 'core' : group.split('.')[0];
  return `io.k8s.api.${family}.${version}.${kind}`;
}

export function computedAnswer(exchange: Exchange, status: number, object: TypedObject): ApiResponse {
  if (object.kind === 'Status') return encodedStatus(exchange, object as unknown as Status);
  const { parts, info } = exchange;
  const served = parts.resources.find(info.group, info.version, info.resource);
  if (Array.isArray(object.items)) {
    return listAnswer(exchange, served ?? encodableOf(parts.schema, object), status, object);
  }
  const isOfIt = served?.def.kind === object.kind && served.apiVersion === object.apiVersion;
  return encodeObject(exchange, isOfIt ? served : encodableOf(parts.schema, object), status, object);
}

const encodables = new WeakMap<Schema, Map<string, Encodable>>();

/** A kind that is only computed: without tables. */
function encodableOf(schema: Schema, { apiVersion, kind }: TypedObject): Encodable {
  let ofSchema = encodables.get(schema);
  if (!ofSchema) {
    ofSchema = new Map();
    encodables.set(schema, ofSchema);
  }
  const key = `${apiVersion} ${kind}`;
  let encodable = ofSchema.get(key);
  if (!encodable) {
    const slash = apiVersion.indexOf('/');
    const gvk = {
      group: apiVersion.slice(0, Math.max(slash, 0)),
      version: apiVersion.slice(slash + 1),
      kind,
    };
    const names = { resource: '', singular: '', namespaced: false };
    const none = { shortNames: [], categories: [], subresources: [] };
    const def = { ...gvk, ...names, ...none, verbs: ['create'], type: typeOfKind(gvk) };
    encodable = { def, schema, kind: {}, printer: plainPrinter };
    ofSchema.set(key, encodable);
  }
  return encodable;
}

interface ComputedList {
  readonly metadata: ListMeta;
  readonly items: readonly AnyObject[];
}

/** A short list: all of it is made at once. */
function listAnswer(
  exchange: Exchange,
  encodable: Encodable,
  status: number,
  list: TypedObject,
): ApiResponse {
  const { request, info } = exchange;
  const format = negotiate(request, offerOf(encodable));
  checkShowsList(encodable, format);
  const { metadata = {}, items } = list as unknown as ComputedList;
  if (format.media === 'protobuf') return protobufList(encodable, format, status, list, items);
  const shaped = shapedList(exchange, encodable, format, list, { metadata, items });
  return mediaResponse(status, shaped, format, format.isPretty || isPretty(request, info.query));
}

function shapedList(
  { parts, info }: Exchange,
  encodable: Encodable,
  { as, metaVersion }: Format,
  list: TypedObject,
  { metadata, items }: ComputedList,
): object {
  if (as === 'object') return list;
  if (as === 'Table') {
    return tableOf(encodable, items, metadata, tableOptions(parts.env, info.query, metaVersion));
  }
  const metadataOnly = items.map((item) => partialMetadata(item, metaVersion));
  return { kind: as, apiVersion: `meta.k8s.io/${metaVersion}`, metadata, items: metadataOnly };
}

function protobufList(
  encodable: Encodable,
  format: Format,
  status: number,
  { kind, apiVersion }: TypedObject,
  items: readonly AnyObject[],
): ApiResponse {
  const { as, metaVersion } = format;
  const isWhole = as === 'object';
  const { schema, def } = encodable;
  const message = (item: AnyObject) =>
    isWhole ? bareMessage(schema, def.type, item) : metadataMessage(schema, item);
  const { metadataField, itemsField } = fieldNumbers(format);
  const raw = Buffer.concat([
    wrapField(metadataField, new Uint8Array()),
    ...items.map((item) => wrapField(itemsField, message(item))),
  ]);
  const shown = isWhole ? { kind, apiVersion } : { kind: as, apiVersion: `meta.k8s.io/${metaVersion}` };
  const body = wrapEnvelope({ ...shown, raw });
  return { status, headers: { 'content-type': protobufMediaType }, body };
}
