/** A resource as clients and the server name it: group, version, plural, kind, scope. */

import { encodePath } from '#base/net/url-path.ts';
import { pathSegmentName } from '../validation/validators.ts';
import type { KubeObject } from './object.ts';

/**
 * `T` is only a type: the object this resource holds. Constants for every built-in one are in `kinds.gen.ts`.
 */
export interface ResourceType<T extends KubeObject = KubeObject> {
  /** `''` for the core group. */
  readonly group: string;
  readonly version: string;
  /** The plural, as in the URL: `pods`. */
  readonly resource: string;
  readonly kind: string;
  readonly namespaced: boolean;
  /** Never set: carries `T`. */
  readonly _type?: T;
}

export function resourceType<T extends KubeObject>(
  group: string,
  version: string,
  resource: string,
  kind: string,
  namespaced: boolean,
): ResourceType<T> {
  return { group, version, resource, kind, namespaced };
}

/** `apps/v1`, or `v1` for the core group. */
export function apiVersionOf(type: { group: string; version: string }): string {
  return type.group === '' ? type.version : `${type.group}/${type.version}`;
}

/** Whether both are the same resource, in any version. */
export function isSameResource(a: { group: string; resource: string }, b: typeof a): boolean {
  return a.group === b.group && a.resource === b.resource;
}

/** `deployments.apps`, or `pods`: the name in a Status. */
export function groupResource(type: { group: string; resource: string }): string {
  return type.group === '' ? type.resource : `${type.resource}.${type.group}`;
}

/**
 * The URL path: `/apis/apps/v1/namespaces/default/deployments/web/scale`. Throws, as client-go, for a name
 * that is not a single path segment:
 * names come from owner references and other fields that users write.
 */
export function resourcePath(
  type: { group: string; version: string; resource: string },
  at: { namespace?: string; name?: string; subresource?: string } = {},
): string {
  const root = type.group === '' ? `/api/${type.version}` : `/apis/${type.group}/${type.version}`;
  const scope = at.namespace ? `/namespaces/${segment(at.namespace, 'namespace')}` : '';
  const name = at.name ? `/${segment(at.name, 'resource name')}` : '';
  return `${root}${scope}/${type.resource}${name}${at.subresource ? `/${at.subresource}` : ''}`;
}

function segment(name: string, what: string): string {
  const problems = pathSegmentName(name);
  if (problems.length > 0) {
    throw new Error(`invalid ${what} ${JSON.stringify(name)}: [${problems.join(', ')}]`);
  }
  return encodePath(name);
}
