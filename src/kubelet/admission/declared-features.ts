/**
 * A pod that needs a feature that nodes declare to have does not run on one without it. This kubelet declares
 * none.
 */

import { featuresNeeded } from '#api/nodes/declared-features.ts';
import type { NodePod } from '../pod/pod.ts';
import { type Rejection, rejection } from './rejection.ts';

export function undeclaredFeature({ spec }: NodePod): Rejection | undefined {
  const missing = featuresNeeded(spec);
  if (missing.length === 0) return undefined;
  const message = `Pod requires node features that are not available: ${missing.join(', ')}`;
  return rejection('PodFeatureUnsupported', message);
}
