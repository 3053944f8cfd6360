/** What staging and publishing volumes need of their node. */

import type { CSIDriver } from '#api/generated/types.gen.ts';
import type { Client } from '#client/client.ts';
import type { Attachments } from '../attachment.ts';
import type { NodeCalls } from '../node-calls.ts';
import type { VolumeLimits } from '../volume-limits.ts';
import type { VolumesInUse } from '../volumes-in-use.ts';

export interface CsiParts {
  readonly client: Client;
  readonly nodeName: string;
  readonly drivers: { get(name: string): NodeCalls };
  readonly attachments: Attachments;
  readonly inUse: VolumesInUse;
  readonly limits: Pick<VolumeLimits, 'areKept' | 'refresh'>;
  /** The CSIDriver object; undefined when there is none. Resolves when it is known. */
  driverObject(name: string): Promise<CSIDriver | undefined>;
  /** The same from the cache, which may not be filled yet. */
  cachedDriverObject(name: string): CSIDriver | undefined;
}
