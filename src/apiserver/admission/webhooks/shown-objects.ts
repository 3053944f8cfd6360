/**
 * The objects of a request as webhooks are shown them, in whatever version their rules mean; each is written
 * as JSON once.
 */

import type { AnyObject } from '#api/meta/object.ts';
import type { ResourceType } from '#api/meta/resource.ts';
import type { AdmissionAttributes } from '../../contract/admission.ts';
import type { Resources } from '../../registry/resources.ts';
import { convertObject } from '../equivalents.ts';
import type { ShownObjects } from './admission-review.ts';

export class ObjectViews {
  readonly #resources: Resources;
  readonly #attributes: AdmissionAttributes;
  readonly #isUnprepared: boolean;
  readonly #oldTexts = new Map<ResourceType, string>();
  readonly #texts = new Map<ResourceType, string>();

  /** `isUnprepared`: before the server has given the object what is the server's to give. */
  constructor(resources: Resources, attributes: AdmissionAttributes, isUnprepared: boolean) {
    this.#resources = resources;
    this.#attributes = attributes;
    this.#isUnprepared = isUnprepared && attributes.operation === 'CREATE';
  }

  texts(type: ResourceType): ShownObjects {
    return {
      object: this.#textOf(this.#texts, type, () => this.object(type)),
      oldObject: this.#textOf(this.#oldTexts, type, () => this.#inVersion(this.#attributes.oldObject, type)),
    };
  }

  object(type: ResourceType): AnyObject | undefined {
    const { object } = this.#attributes;
    return this.#inVersion(this.#isUnprepared ? unprepared(this.#attributes) : object, type);
  }

  oldObject(type: ResourceType): AnyObject | undefined {
    return this.#inVersion(this.#attributes.oldObject, type);
  }

  /** The object has changed. */
  changed(): void {
    this.#texts.clear();
  }

  #inVersion(object: AnyObject | undefined, type: ResourceType): AnyObject | undefined {
    const own = this.#attributes.type;
    return object && type !== own ? convertObject(this.#resources, object, own, type) : object;
  }

  #textOf(known: Map<ResourceType, string>, type: ResourceType, read: () => AnyObject | undefined): string {
    let text = known.get(type);
    if (text === undefined) {
      text = JSON.stringify(read() ?? null);
      known.set(type, text);
    }
    return text;
  }
}

/** Upstream gives uid, time and a drawn name after the mutating webhooks. */
function unprepared({ object, isNameDrawn }: AdmissionAttributes): AnyObject | undefined {
  if (!object?.metadata) return object;
  const { uid: _uid, creationTimestamp: _time, name, ...metadata } = object.metadata;
  return { ...object, metadata: isNameDrawn || name === undefined ? metadata : { name, ...metadata } };
}
