/**
 * What code that reads and writes stored objects uses. Callers have been authenticated and authorized before.
 */

import type { Env } from '#base/env.ts';
import type { MemoryWatch } from '#host/memory/watch.ts';
import type { Store } from '#store/store.ts';
import type { ObjectCache } from '../cache/object-cache.ts';
import type { AdmissionDoor } from '../contract/admission.ts';
import type { ObjectReader } from '../contract/stored-objects.ts';
import type { StepQueue } from '../list-encodings/step-queue.ts';
import type { Resources } from './resources.ts';

export interface StorageParts {
  readonly env: Env;
  readonly store: Store;
  /**
   * Whether what is stored under this key would be stored differently now, by another key of encryption;
   * undefined where nothing is encrypted.
   */
  readonly isStale?: ((key: string) => Promise<boolean> | undefined) | undefined;
  readonly cache: ObjectCache;
  readonly resources: Resources;
  readonly reader: ObjectReader;
  readonly admission: AdmissionDoor;
  /** Nothing is created while it is short and cannot be regained. */
  readonly memory: Omit<MemoryWatch, 'stop'>;
  /** What is long is done in steps. */
  readonly steps: StepQueue;
}
