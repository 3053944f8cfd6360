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
}
