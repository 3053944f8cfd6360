/**
 * Reads and writes of stored objects from inside the API server, for subresources and allocators: through the
 * storage path that requests take, without their chain.
 */

import type { AnyObject } from '#api/meta/object.ts';
import type { ResourceType } from '#api/meta/resource.ts';
import type { DeleteOptions } from '#client/client.ts';

export interface ServerClient {
  /** Throws 404. Parsed and private to the caller. */
  get(type: ResourceType, namespace: string, name: string): Promise<AnyObject>;
  create(type: ResourceType, object: AnyObject): Promise<void>;
  /** Read, change, compare-and-set, retried on conflict; validation and admission do not run. */
  guaranteedUpdate(
    type: ResourceType,
    namespace: string,
    name: string,
    change: (object: AnyObject) => AnyObject,
  ): Promise<AnyObject>;
  /** As a DELETE request would, with graceful deletion and finalizers; admission does not run. */
  delete(type: ResourceType, namespace: string, name: string, options: DeleteOptions): Promise<AnyObject>;
}
