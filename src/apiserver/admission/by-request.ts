/**
 * What is worked out once for each served resource, operation and subresource, so that a request costs two
 * lookups. A resource that takes the place of another, or comes while the server runs, begins without an
 * answer.
 */

import type { ResourceType } from '#api/meta/resource.ts';
import type { AdmissionAttributes, AdmissionOperation } from '../contract/admission.ts';

export type AdmissionKey = Pick<AdmissionAttributes, 'type' | 'operation' | 'subresource'>;

export class ByRequest<T> {
  readonly #workOut: (key: AdmissionKey) => T;
  /** By resource and operation, then by subresource. */
  #known = new WeakMap<ResourceType, Readonly<Record<AdmissionOperation, Map<string, T>>>>();

  constructor(workOut: (key: AdmissionKey) => T) {
    this.#workOut = workOut;
  }

  of(key: AdmissionKey): T {
    const { type, operation, subresource } = key;
    let ofType = this.#known.get(type);
    if (!ofType) {
      ofType = { CREATE: new Map(), UPDATE: new Map(), DELETE: new Map(), CONNECT: new Map() };
      this.#known.set(type, ofType);
    }
    let found = ofType[operation].get(subresource);
    if (found === undefined) {
      found = this.#workOut(key);
      ofType[operation].set(subresource, found);
    }
    return found;
  }

  forget(): void {
    this.#known = new WeakMap();
  }
}
