/**
 * Is an object that was read from a body, or made by a patch, the one that the URL names? One check for every
 * way in.
 */

import type { AnyObject } from '#api/meta/object.ts';
import { badRequest } from '#api/meta/status.ts';

export interface Identity {
  /** `''` for cluster-scoped resources. */
  readonly namespace: string;
  readonly name: string;
}

/** Throws 400 for another namespace or name, or none; a namespace that is left out is filled in. */
export function checkIdentity(object: AnyObject, { namespace, name }: Identity): void {
  checkNamespace(object, namespace);
  const given = object.metadata!.name ?? '';
  if (given === '') {
    throw badRequest(
      `the name of the object (${name} based on URL) was undeterminable: name must be provided`,
    );
  }
  if (given !== name) {
    throw badRequest(`the name of the object (${given}) does not match the name on the URL (${name})`);
  }
}

/** A cluster-scoped object loses the namespace that its body names, as upstream does. */
export function checkNamespace(object: AnyObject, namespace: string): void {
  object.metadata ??= {};
  const given = object.metadata.namespace ?? '';
  if (namespace === '') {
    delete object.metadata.namespace;
  } else if (given === '') {
    object.metadata.namespace = namespace;
  } else if (given !== namespace) {
    throw badRequest('the namespace of the provided object does not match the namespace sent on the request');
  }
}
