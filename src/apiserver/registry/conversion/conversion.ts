/** How a kind served in two versions becomes the stored one, and back. */

import type { AnyObject } from '#api/meta/object.ts';

export interface Conversion {
  /** May change and reuse what it is given. */
  fromStored(stored: AnyObject): AnyObject;
  toStored(object: AnyObject): AnyObject;
  /** A field selector's key of this version, as the stored version calls it. */
  storedField(field: string): string;
}
