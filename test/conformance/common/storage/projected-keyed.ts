/** ConfigMaps and Secrets as files of projected volumes. */

import type { Behaviour } from '../../behaviour.ts';
import {
  consumable,
  inTwoVolumes,
  mapped,
  nonRoot,
  projectedConfigMapSource as ofConfigMap,
  projectedSecretSource as ofSecret,
  optionalUpdated,
  readByOwner,
  updated,
} from './keyed-volumes.ts';

const configMap = '[sig-storage] Projected configMap should be consumable from pods in volume';
const secret = '[sig-storage] Projected secret should be consumable from pods in volume';

export const projectedConfigmap: readonly Behaviour[] = [
  consumable(`${configMap} [NodeConformance] [Conformance]`, ofConfigMap),
  consumable(`${configMap} with defaultMode set [LinuxOnly] [NodeConformance] [Conformance]`, ofConfigMap, {
    files: { defaultMode: 0o400 },
    mode: '-r--------',
  }),
  consumable(`${configMap} as non-root [NodeConformance] [Conformance]`, ofConfigMap, {
    securityContext: nonRoot,
  }),
  consumable(`${configMap} with mappings [NodeConformance] [Conformance]`, ofConfigMap, {
    files: { items: mapped },
  }),
  consumable(
    `${configMap} with mappings and Item mode set [LinuxOnly] [NodeConformance] [Conformance]`,
    ofConfigMap,
    { files: { items: readByOwner }, mode: '-r--------' },
  ),
  consumable(`${configMap} with mappings as non-root [NodeConformance] [Conformance]`, ofConfigMap, {
    files: { items: mapped },
    securityContext: nonRoot,
  }),
  inTwoVolumes(
    '[sig-storage] Projected configMap should be consumable in multiple volumes in the same pod [NodeConformance] [Conformance]',
    ofConfigMap,
  ),
  updated(
    '[sig-storage] Projected configMap updates should be reflected in volume [NodeConformance] [Conformance]',
    ofConfigMap,
  ),
  optionalUpdated(
    '[sig-storage] Projected configMap optional updates should be reflected in volume [NodeConformance] [Conformance]',
    ofConfigMap,
  ),
];

export const projectedSecret: readonly Behaviour[] = [
  consumable(`${secret} [NodeConformance] [Conformance]`, ofSecret),
  consumable(`${secret} with defaultMode set [LinuxOnly] [NodeConformance] [Conformance]`, ofSecret, {
    files: { defaultMode: 0o400 },
    mode: '-r--------',
  }),
  consumable(
    `${secret} as non-root with defaultMode and fsGroup set [LinuxOnly] [NodeConformance] [Conformance]`,
    ofSecret,
    {
      files: { defaultMode: 0o440 },
      mode: '-r--r-----',
      securityContext: { runAsUser: 1000, fsGroup: 1001 },
    },
  ),
  consumable(`${secret} with mappings [NodeConformance] [Conformance]`, ofSecret, {
    files: { items: mapped },
  }),
  consumable(
    `${secret} with mappings and Item Mode set [LinuxOnly] [NodeConformance] [Conformance]`,
    ofSecret,
    { files: { items: readByOwner }, mode: '-r--------' },
  ),
  inTwoVolumes(
    '[sig-storage] Projected secret should be consumable in multiple volumes in a pod [NodeConformance] [Conformance]',
    ofSecret,
  ),
  optionalUpdated(
    '[sig-storage] Projected secret optional updates should be reflected in volume [NodeConformance] [Conformance]',
    ofSecret,
  ),
];
