/** Conversion of objects between a served version and the stored version. */

import type { AnyObject } from '../meta/object.ts';
import type { ResourceType } from '../meta/resource.ts';

export interface Conversion {
  readonly storedAs: ResourceType;
  /** May change and reuse its argument. */
  fromStored(stored: AnyObject): AnyObject;
  toStored(object: AnyObject): AnyObject;
  /** Converts a field selector's key of this version to the stored version. */
  storedField(field: string): string;
  /**
   * Where a conversion has to wait: before `fromStored` can convert stored objects, they have to be given here, with
   * uid and resourceVersion. Changes and reuses its argument.
   */
  ahead?(stored: readonly AnyObject[]): Promise<void>;
  /** The same for `toStored`, of this object. */
  aheadOfStoring?(object: AnyObject): Promise<void>;
  /** The same for an object that need not be stored: a copy in the served version, of one in whatever version. */
  converted?(object: AnyObject): Promise<AnyObject>;
}
