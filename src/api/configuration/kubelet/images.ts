/** How a node pulls, keeps and removes images. */

import type { ValuesOf } from '../argument.ts';
import { ConfigurationError } from '../error.ts';
import type { kubeletFields } from './fields.ts';

export interface ImageSettings {
  readonly parallelPullsMax: number;
  readonly garbage: ImageGarbageLimits;
  /** Of the programs that give passwords. */
  readonly providers?: { readonly configFile: string; readonly binDir: string };
}

export interface ImageGarbageLimits {
  /** Of the disk in use: from which on, and down to which, unused images are removed. */
  readonly highPercent: number;
  readonly lowPercent: number;
  /** An image that has been unused for a shorter time is kept. */
  readonly ageMinMs: number;
  /** An image that has been unused for longer is removed; undefined when age alone removes none. */
  readonly ageMaxMs: number | undefined;
}

const parallelPullsDefault = 5;

/** Throws `ConfigurationError`. */
export function readImageSettings(fields: ValuesOf<typeof kubeletFields>): ImageSettings {
  const providers = readProviders(fields);
  return {
    parallelPullsMax: readParallelPulls(fields),
    garbage: readGarbageLimits(fields),
    ...(providers ? { providers } : {}),
  };
}

function readParallelPulls(fields: ValuesOf<typeof kubeletFields>): number {
  const { serializeImagePulls, maxParallelImagePulls } = fields;
  if (!serializeImagePulls) return maxParallelImagePulls ?? parallelPullsDefault;
  if ((maxParallelImagePulls ?? 1) === 1) return 1;
  throw new ConfigurationError('kubelet: maxParallelImagePulls must be 1 with serializeImagePulls');
}

function readGarbageLimits(fields: ValuesOf<typeof kubeletFields>): ImageGarbageLimits {
  const { imageGCHighThresholdPercent: highPercent = 85, imageGCLowThresholdPercent: lowPercent = 80 } =
    fields;
  const { imageMinimumGCAge: ageMinMs = 2 * 60_000, imageMaximumGCAge: ageMaxMs = 0 } = fields;
  if (lowPercent >= highPercent) {
    throw new ConfigurationError(
      `kubelet: imageGCLowThresholdPercent ${lowPercent} is not below imageGCHighThresholdPercent ${highPercent}`,
    );
  }
  if (ageMaxMs !== 0 && ageMaxMs <= ageMinMs) {
    throw new ConfigurationError('kubelet: imageMaximumGCAge is not above imageMinimumGCAge');
  }
  return { highPercent, lowPercent, ageMinMs, ageMaxMs: ageMaxMs === 0 ? undefined : ageMaxMs };
}

function readProviders(fields: ValuesOf<typeof kubeletFields>): ImageSettings['providers'] {
  const { imageCredentialProviderConfig: configFile, imageCredentialProviderBinDir: binDir } = fields;
  if (configFile === undefined && binDir === undefined) return undefined;
  if (configFile === undefined || binDir === undefined) {
    throw new ConfigurationError(
      'kubelet: imageCredentialProviderConfig and imageCredentialProviderBinDir are set together',
    );
  }
  if (binDir.startsWith('/')) return { configFile, binDir };
  throw new ConfigurationError(`kubelet: imageCredentialProviderBinDir ${binDir} is no absolute path`);
}
