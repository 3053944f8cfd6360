/**
 * The objects of a request as webhooks and policies are shown them, in whatever version their rules mean; each
 * is written as JSON once.
 */

import type { AnyObject } from '#api/meta/object.ts';
import type { ResourceType } from '#api/meta/resource.ts';
import { withoutEmpty } from '#api/schema/empty-collections.ts';
import type { AdmissionAttributes } from '../../contract/admission.ts';
import type { Resources } from '../../registry/resources.ts';
import { convertObject, convertSlowly, waitsFor } from './equivalents.ts';

/** The two objects in the version that the rules mean, as JSON. */
export interface ShownObjects {
  readonly object: string;
  readonly oldObject: string;
}

interface Converted {
  readonly object: AnyObject | undefined;
  readonly oldObject: AnyObject | undefined;
}

export class ObjectViews {
  readonly #resources: Resources;
  readonly #attributes: AdmissionAttributes;
  readonly #isUnprepared: boolean;
  readonly #oldTexts = new Map<ResourceType, string>();
  readonly #texts = new Map<ResourceType, string>();
  /** What has been asked of a conversion webhook. */
  readonly #converted = new Map<ResourceType, Converted>();

  /** `isUnprepared`: before the server has given the object what is the server's to give. */
  constructor(resources: Resources, attributes: AdmissionAttributes, isUnprepared: boolean) {
    this.#resources = resources;
    this.#attributes = attributes;
    this.#isUnprepared = isUnprepared && attributes.operation === 'CREATE';
  }

  /** Before all else, where the objects have to be converted by a webhook; undefined where they need not. */
  ahead(type: ResourceType): Promise<void> | undefined {
    const isReady = type === this.#attributes.type || this.#converted.has(type);
    return isReady || !waitsFor(this.#resources, type) ? undefined : this.#convert(type);
  }

  async #convert(type: ResourceType): Promise<void> {
    const inVersion = async (object: AnyObject | undefined) =>
      object && convertSlowly(this.#resources, object, this.#attributes.type, type);
    const [object, oldObject] = [this.#own(), this.#attributes.oldObject];
    this.#converted.set(type, { object: await inVersion(object), oldObject: await inVersion(oldObject) });
  }

  texts(type: ResourceType): ShownObjects {
    return {
      object: this.#textOf(this.#texts, type, () => this.object(type)),
      oldObject: this.#textOf(this.#oldTexts, type, () => this.oldObject(type)),
    };
  }

  object(type: ResourceType): AnyObject | undefined {
    const converted = this.#converted.get(type);
    return converted ? converted.object : this.#inVersion(this.#own(), type);
  }

  #own(): AnyObject | undefined {
    const { object } = this.#attributes;
    const written = object && withoutEmpty(object);
    return this.#isUnprepared ? unprepared(written, this.#attributes) : written;
  }

  oldObject(type: ResourceType): AnyObject | undefined {
    const converted = this.#converted.get(type);
    return converted ? converted.oldObject : this.#inVersion(this.#attributes.oldObject, type);
  }

  /** The object has changed. */
  changed(): void {
    this.#converted.clear();
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
function unprepared(
  object: AnyObject | undefined,
  { isNameDrawn }: AdmissionAttributes,
): AnyObject | undefined {
  if (!object?.metadata) return object;
  const { uid: _uid, creationTimestamp: _time, name, ...metadata } = object.metadata;
  return { ...object, metadata: isNameDrawn || name === undefined ? metadata : { name, ...metadata } };
}
