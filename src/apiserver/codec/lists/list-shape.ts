/** What a list shows of its objects: the objects, rows of a table, or their metadata. */

import type { AnyObject, ListMeta } from '#api/meta/object.ts';
import { notAcceptable } from '#api/meta/status.ts';
import type { Entry } from '../../cache/entry.ts';
import { objectOf, type ServedResource } from '../../registry/served-resource.ts';
import type { Exchange } from '../../request/exchange.ts';
import { goPackage } from '../decode/check-kind.ts';
import type { Format } from '../encode/negotiate.ts';
import { partialMetadata } from '../encode/partial-metadata.ts';
import { rowOf, type TableOptions, tableOptions } from '../encode/table.ts';

export interface ListShape {
  /** Equal keys show the same. */
  readonly key: string;
  readonly itemsField: 'items' | 'rows';
  /** Each item has its kind and apiVersion. */
  readonly hasTypedItems?: boolean;
  /** Parsed, in the version that is served; shared: never to be changed. */
  object(entry: Entry): AnyObject;
  item(entry: Entry): object;
  /** The list without what it lists. */
  list(metadata: ListMeta): Readonly<Record<string, unknown>>;
}

/** Throws 406 for the metadata of one object, which a list is not. */
export function listShape(exchange: Exchange, served: ServedResource, format: Format): ListShape {
  const { as, metaVersion } = format;
  if (as === 'object') return objectShape(served);
  if (as === 'Table') return tableShape(exchange, served, format);
  checkShowsList(served, format);
  const object = sharedObject(served);
  return {
    key: `${served.id}|metadata|${metaVersion}`,
    itemsField: 'items',
    object,
    item: (entry) => partialMetadata(object(entry), metaVersion),
    list: (metadata) => ({
      kind: 'PartialObjectMetadataList',
      apiVersion: `meta.k8s.io/${metaVersion}`,
      metadata,
    }),
  };
}

/** Throws 406 for the metadata of one object, which a list is not. */
export function checkShowsList({ def }: Pick<ServedResource, 'def'>, { as }: Format): void {
  if (as !== 'PartialObjectMetadata') return;
  const what = `${goPackage(def.group)}.${def.kind}List`;
  throw notAcceptable(`you requested PartialObjectMetadata, but the requested object is a list (*${what})`);
}

function sharedObject(served: ServedResource): (entry: Entry) => AnyObject {
  return served.conversion ? (entry) => objectOf(served, entry) : (entry) => entry.object();
}

/** The items of a built-in list carry no kind and apiVersion of their own; those of custom objects do. */
function objectShape(served: ServedResource): ListShape {
  const { apiVersion } = served;
  const hasTypedItems = served.kind.isJsonOnly === true;
  return {
    key: `${served.id}|objects`,
    itemsField: 'items',
    hasTypedItems,
    object: sharedObject(served),
    item(entry) {
      const item = objectOf(served, entry);
      if (hasTypedItems) return item;
      delete item.kind;
      delete item.apiVersion;
      return item;
    },
    list: (metadata) => ({ kind: `${served.def.kind}List`, apiVersion, metadata }),
  };
}

export function tableOptionsOf({ parts, info }: Exchange, { metaVersion }: Format): TableOptions {
  return tableOptions(parts.env, info.query, metaVersion);
}

function tableShape(exchange: Exchange, served: ServedResource, format: Format): ListShape {
  const options = tableOptionsOf(exchange, format);
  const { metaVersion } = format;
  const object = sharedObject(served);
  // Ages are printed in whole seconds, and objects are created in whole seconds: within one second all rows
  // are the same.
  const second = Math.floor(options.nowMs / 1000);
  return {
    key: `${served.id}|table|${metaVersion}|${options.include}|${second}`,
    itemsField: 'rows',
    object,
    item: (entry) => rowOf(served, object(entry), options) as object,
    list: (metadata) => ({
      kind: 'Table',
      apiVersion: `meta.k8s.io/${metaVersion}`,
      metadata,
      columnDefinitions: served.printer.columns,
    }),
  };
}
