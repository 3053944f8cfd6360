/** For tests of authorizers: requests as short texts, and the objects that they look at. */

import type { AnyObject, KubeObject } from '#api/meta/object.ts';
import type { UserInfo } from '#api/meta/user.ts';
import type { AuthorizationAttributes } from '../contract/authorization.ts';
import type { CountingReader } from '../contract/stored-objects.ts';

/** The list may be changed while the test runs. */
export function listedObjects(objects: readonly KubeObject[]): CountingReader {
  const list = (kind: string, namespace?: string) =>
    objects.filter(
      (object) => object.kind === kind && (!namespace || object.metadata?.namespace === namespace),
    ) as AnyObject[];
  let asked = 0;
  return {
    changes: () => asked++,
    list: (type, namespace) => list(type.kind, namespace),
    get: (type, namespace, name) =>
      list(type.kind, namespace).find((object) => object.metadata?.name === name),
  };
}

/** `group|resource|subresource` and `namespace/name`, or a path. */
export function ask(user: UserInfo, verb: string, what: string, where = '/'): AuthorizationAttributes {
  const [namespace = '', name = ''] = where.split('/');
  const common = { user, verb, version: 'v1', namespace, name };
  if (what.startsWith('/')) {
    return { ...common, isResource: false, path: what, group: '', resource: '', subresource: '' };
  }
  const [group = '', resource = '', subresource = ''] = what.split('|');
  return { ...common, isResource: true, path: '', group, resource, subresource };
}
