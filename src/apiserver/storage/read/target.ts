/**
 * What of the stored world a request is about; refuses paths that are not there and methods they do not have.
 */

import { badRequest, methodNotAllowed, noSuchPath } from '#api/meta/status.ts';
import { pathSegmentName } from '#api/validation/validators.ts';
import type { ApiResponse } from '#client/transport/transport.ts';
import type { ExpectedKind } from '../../codec/decode/check-kind.ts';
import { NoSuchPage } from '../../contract/plain-refusal.ts';
import type { RequestInfo } from '../../contract/request-info.ts';
import type { Resources } from '../../registry/resources.ts';
import type { ServedResource, StoredResource } from '../../registry/served-resource.ts';
import type { StorageParts } from '../../registry/storage-parts.ts';
import type { Exchange } from '../../request/exchange.ts';

export interface Target {
  readonly served: ServedResource;
  readonly storage: StoredResource;
  /** `''` for cluster-scoped resources and across all namespaces. */
  readonly namespace: string;
  readonly name: string;
  readonly subresource: string;
}

export type Handler = (exchange: Exchange, target: Target) => Promise<ApiResponse> | ApiResponse;

export function targetOf({ parts, info, request }: Exchange): Target {
  const served = servedAt(parts, info);
  const { def, storage } = served;
  if (!storage || request.method === 'HEAD') throw methodNotAllowed();
  if (!verbsOf(served, info).includes(info.verb) || isMisplaced(served, info)) throw methodNotAllowed();
  refuseBadName(info.name);
  return {
    served,
    storage,
    namespace: def.namespaced ? info.namespace : '',
    name: info.name,
    subresource: info.subresource,
  };
}

function servedAt({ resources }: Pick<StorageParts, 'resources'>, info: RequestInfo): ServedResource {
  const { group, version, resource, namespace, verb } = info;
  const served = resources.find(group, version, resource);
  if (!served) throw noSuchResource(resources, group);
  if (!served.def.namespaced && namespace !== '' && !info.isNamespace) throw noSuchPath();
  const isNamed = info.name !== '' && !collectionReads.has(verb) && verb !== 'deletecollection';
  if (served.def.namespaced && namespace === '' && isNamed) throw noSuchPath();
  if (info.subresource !== '' && info.trailing !== '') throw noSuchPath();
  return served;
}

/**
 * Upstream serves no path at all for a group it does not know; within a group it says that there is no such resource.
 */
function noSuchResource({ all }: Pick<Resources, 'all'>, group: string): Error {
  const isKnown = group === '' || all.some(({ def }) => def.group === group);
  return isKnown ? noSuchPath() : new NoSuchPage();
}

/** Throws 404 for a resource that is switched off, but not for the program's own parts. */
export function refuseSwitchedOff({ parts, info, trusted }: Exchange): void {
  const { group, version, resource } = info;
  if (trusted || !parts.resources.find(group, version, resource)?.isOff) return;
  throw noSuchResource(parts.resources, group);
}

function verbsOf({ def }: ServedResource, { subresource }: RequestInfo): readonly string[] {
  if (subresource === '') return def.verbs;
  const found = def.subresources.find((candidate) => candidate.name === subresource);
  if (!found) throw noSuchPath();
  return found.verbs;
}

/** Upstream's words of the storage that makes a key of the name. */
function refuseBadName(name: string): void {
  if (!name.includes('%') && !name.startsWith('.')) return;
  const problems = pathSegmentName(name);
  if (problems.length > 0) {
    throw badRequest(`Name parameter invalid: ${JSON.stringify(name)}: ${problems.join(';')}`);
  }
}

/** Only reading can be done across all namespaces. */
const collectionReads = new Set(['list', 'watch']);
const namedVerbs = new Set(['update', 'patch']);

/** A collection where one object should be named, or the other way round. */
function isMisplaced({ def }: ServedResource, { verb, namespace, name, subresource }: RequestInfo): boolean {
  if (def.namespaced && namespace === '' && !collectionReads.has(verb)) return true;
  if (namedVerbs.has(verb)) return name === '';
  return verb === 'create' && subresource === '' && name !== '';
}

export function expectedKind(served: ServedResource): ExpectedKind {
  const { group, version, kind, type } = served.def;
  const { apiVersion, schema } = served;
  const { isJsonOnly, read } = served.kind;
  return { group, version, kind, apiVersion, type, schema, isJsonOnly, ...(read ? { read } : {}) };
}
