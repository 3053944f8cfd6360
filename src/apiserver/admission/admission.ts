/**
 * The one door to the admission plugins. Which of them meet a request is worked out once for each served
 * resource, operation and subresource; a resource that takes the place of another, or comes while the server
 * runs, begins without an answer.
 *
 * The plugins read from the server's cache, which is full before the first request is answered: none of them
 * has to refuse with upstream's "not yet ready to handle request".
 */

import type { ResourceType } from '#api/meta/resource.ts';
import { inOrder } from '#base/in-order.ts';
import type { AdmissionAttributes, AdmissionDoor, AdmissionPlugin } from '../contract/admission.ts';
import { matchedResource } from './match.ts';

interface Meeting {
  readonly mutating: readonly AdmissionPlugin[];
  readonly validating: readonly AdmissionPlugin[];
}

/** By subresource. */
type Meetings = Map<string, Meeting>;

export class Admission implements AdmissionDoor {
  readonly #plugins: AdmissionPlugin[] = [];
  readonly #byType = new WeakMap<
    ResourceType,
    Readonly<Record<AdmissionAttributes['operation'], Meetings>>
  >();

  /** Before the first request: some plugins write through the storage whose writes they judge. */
  begin(plugins: readonly AdmissionPlugin[]): void {
    this.#plugins.push(...plugins);
  }

  mutate(attributes: AdmissionAttributes): Promise<void> | undefined {
    return inOrder(this.#meeting(attributes).mutating, (plugin) => plugin.mutate!(attributes));
  }

  validate(attributes: AdmissionAttributes): Promise<void> | undefined {
    return inOrder(this.#meeting(attributes).validating, (plugin) => plugin.validate!(attributes));
  }

  #meeting(attributes: AdmissionAttributes): Meeting {
    const { type, operation, subresource } = attributes;
    let ofType = this.#byType.get(type);
    if (!ofType) {
      ofType = { CREATE: new Map(), UPDATE: new Map(), DELETE: new Map(), CONNECT: new Map() };
      this.#byType.set(type, ofType);
    }
    let meeting = ofType[operation].get(subresource);
    if (!meeting) {
      meeting = this.#workOut(attributes);
      ofType[operation].set(subresource, meeting);
    }
    return meeting;
  }

  #workOut({ type, operation, subresource }: AdmissionAttributes): Meeting {
    const met = this.#plugins.filter(({ rules }) => matchedResource(rules, operation, [type], subresource));
    return {
      mutating: met.filter(({ mutate }) => mutate),
      validating: met.filter(({ validate }) => validate),
    };
  }
}
