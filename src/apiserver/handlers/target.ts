/** What of the stored world a request is about. */

import { failure, noSuchPath, type StatusError } from '#api/status.ts';
import type { ApiResponse } from '#client/transport.ts';
import type { ExpectedKind } from '../decode/read-object.ts';
import type { Exchange } from '../exchange.ts';
import type { ServedResource, StoredResource } from '../resources.ts';

export interface Target {
  readonly served: ServedResource;
  readonly storage: StoredResource;
  /** `''` for cluster-scoped resources and across all namespaces. */
  readonly namespace: string;
  readonly name: string;
  readonly subresource: string;
  readonly verbs: readonly string[];
}

export type Handler = (exchange: Exchange, target: Target) => Promise<ApiResponse> | ApiResponse;

export function targetOf({ core, info }: Exchange): Target {
  const served = core.resources.find(info.group, info.version, info.resource);
  if (!served) throw noSuchPath();
  const { def, storage } = served;
  const isNamespaceItself = info.resource === 'namespaces' && info.group === '';
  if (!def.namespaced && info.namespace !== '' && !isNamespaceItself) throw noSuchPath();
  if (def.namespaced && info.namespace === '' && needsNamespace(info.verb)) throw methodNotAllowed();
  if (!storage) throw methodNotAllowed();
  const common = {
    served,
    storage,
    namespace: def.namespaced ? info.namespace : '',
    name: info.name,
    subresource: info.subresource,
  };
  if (info.subresource === '') return { ...common, verbs: def.verbs };
  const subresource = def.subresources.find((one) => one.name === info.subresource);
  if (!subresource) throw noSuchPath();
  return { ...common, verbs: subresource.verbs };
}

export function methodNotAllowed(): StatusError {
  return failure(
    405,
    'MethodNotAllowed',
    'the server does not allow this method on the requested resource',
    {},
  );
}

/** Only reading can be done across all namespaces. */
function needsNamespace(verb: string): boolean {
  return verb !== 'list' && verb !== 'watch';
}

export function expectedKind(served: ServedResource): ExpectedKind {
  const { group, version, kind, type } = served.def;
  return { group, version, kind, apiVersion: served.apiVersion, type };
}
