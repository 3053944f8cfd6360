/** Warnings about a PersistentVolume: deprecated annotations, labels, policies and plugins. */

import { ownValue } from '#base/own-value.ts';
import type { PersistentVolume } from '../../generated/types.gen.ts';
import { betaStorageClass } from '../../volumes/annotations.ts';
import { termWarnings } from '../pods/validation/warnings/scheduling.ts';
import { oldPlugins, pluginPaths } from '../pods/validation/warnings/volumes.ts';

export const oldClassText = 'deprecated since v1.8; use "storageClassName" attribute instead';

const oldAnnotations: Readonly<Record<string, string>> = {
  [betaStorageClass]: oldClassText,
  'volume.beta.kubernetes.io/mount-options': 'deprecated since v1.31; use "mountOptions" attribute instead',
};

/** In upstream's order. Flocker and Quobyte are warned of in pods only. */
const warnedPlugins = ['cephfs', 'photonPersistentDisk', 'scaleIO', 'storageos', 'glusterfs', 'rbd'] as const;

export function persistentVolumeWarnings({ metadata, spec }: PersistentVolume): string[] {
  const warnings: string[] = [];
  for (const [key, text] of Object.entries(oldAnnotations)) {
    if (ownValue(metadata?.annotations ?? {}, key) === undefined) continue;
    warnings.push(`metadata.annotations[${key}]: ${text}`);
  }
  if (spec?.persistentVolumeReclaimPolicy === 'Recycle') {
    warnings.push(
      'spec.persistentVolumeReclaimPolicy: The Recycle reclaim policy is deprecated. Instead, the recommended approach is to use dynamic provisioning.',
    );
  }
  for (const [i, term] of (spec?.nodeAffinity?.required?.nodeSelectorTerms ?? []).entries()) {
    warnings.push(...termWarnings(term, `spec.nodeAffinity.required.nodeSelectorTerms[${i}]`));
  }
  for (const name of warnedPlugins) {
    if (spec?.[name]) warnings.push(`spec.${pluginPaths[name] ?? name}: ${oldPlugins[name]}`);
  }
  return warnings;
}
