/** How objects of one version are stored in another. */

import type { AnyObject } from '../meta/object.ts';
import type { ResourceType } from '../meta/resource.ts';

export interface Conversion {
  readonly storedAs: ResourceType;
  /** May change and reuse what it is given. */
  fromStored(stored: AnyObject): AnyObject;
  toStored(object: AnyObject): AnyObject;
  /** A field selector's key of this version, as the stored version calls it. */
  storedField(field: string): string;
}
