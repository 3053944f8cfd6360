/**
 * Everything that code defines of a kind, in one place: a file of its own below `api/kinds`, which
 * `api/kinds/kinds.ts` lists. Everything else follows from the schema.
 */

import type { AnyObject, KubeObject } from '../meta/object.ts';
import type { ResourceType } from '../meta/resource.ts';
import type { Conversion } from './conversion.ts';
import type { Printer } from './printer.ts';
import type { QuotaRules } from './quota.ts';
import type { ScaleRules } from './scale.ts';
import type { Strategy } from './strategy.ts';
import type { Unbuilt } from './unbuilt.ts';

export interface KindRules<T extends KubeObject = KubeObject> extends Strategy<T> {
  /** The columns of its tables. Default: the name and the time of creation. */
  readonly printer?: Printer<T>;
  /** For a version whose objects are stored in another version. */
  readonly conversion?: Conversion;
  /** For a kind with a `scale` subresource. */
  readonly scale?: ScaleRules<T>;
  /** What a ResourceQuota counts besides the number of objects. */
  readonly quota?: QuotaRules<T>;
  /** Folder of its objects below `/registry/` in the store. Default: the resource's name. */
  readonly storageFolder?: string;
  /**
   * Puts an object that was sent into the form of its kind, in place, and returns the paths of the unknown fields;
   * throws `DecodeError`. Default: as the schema says.
   */
  readonly read?: (object: AnyObject) => string[];
  /**
   * The version in which upstream stores it, by whose hash discovery names the storage: an older one for as long as a
   * server of the release before may read the store. Default: that of the kind.
   */
  readonly storageVersion?: string;
  /** Why no more objects of it are created. */
  readonly refusesCreate?: string;
  /** The kind has no protobuf form. */
  readonly isJsonOnly?: boolean;
  /** Its stored form is JSON: an empty list that is always written stays one, where protobuf has none. */
  readonly isStoredAsJson?: boolean;
  /** Fields that are accepted but not implemented: the warning for the client. */
  readonly unbuilt?: Unbuilt<T>;
}

export interface Kind<T extends KubeObject = KubeObject> extends KindRules<T> {
  readonly type: ResourceType<T>;
}

export function defineKind<T extends KubeObject>(
  type: ResourceType<T>,
  rules: KindRules<NoInfer<T>> = {},
): Kind {
  return { type, ...rules } as Kind<T> as Kind;
}
