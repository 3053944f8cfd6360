/**
 * What was written as it is shown becomes the object that is stored: the new replicas of a Scale are those of
 * its Deployment.
 */

import type { ObjectWrite } from '../write.ts';

export function enterView(write: ObjectWrite): void {
  write.object = write.view!.into(structuredClone(write.old!), write.object);
}
