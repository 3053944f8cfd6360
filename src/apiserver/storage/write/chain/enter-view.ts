/** Writes a shown object back into the stored object: the replicas of a Scale into its Deployment. */

import { copyJson } from '#base/copy-json.ts';
import type { ObjectWrite } from '../write.ts';

export function enterView(write: ObjectWrite): void {
  write.object = write.view!.into(copyJson(write.old!), write.object);
}
