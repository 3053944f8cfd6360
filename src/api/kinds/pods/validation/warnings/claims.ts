/** Warnings about the spec of a claim, also of one that is made from a template. */

import type { PersistentVolumeClaimSpec } from '../../../../generated/types.gen.ts';
import { fractionWarnings } from './containers.ts';

const byteResources = ['storage'];

export function claimSpecWarnings(spec: PersistentVolumeClaimSpec | undefined, path: string): string[] {
  const { requests, limits } = spec?.resources ?? {};
  return [
    ...fractionWarnings(requests, `${path}.resources.requests`, byteResources),
    ...fractionWarnings(limits, `${path}.resources.limits`, byteResources),
  ];
}
