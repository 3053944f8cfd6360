/** The size and use of a volume, of what its driver reports. Upstream: NodeGetVolumeStats of csi_client.go. */

import type { VolumeStats } from '../../runtime/machine.ts';
import { csiText, type VolumeUsage } from '../node-calls.ts';

const nothing = { available: 0, total: 0, used: 0 };

/**
 * A unit that the driver does not report is 0 throughout, as upstream's. So is an amount below 0, of which upstream makes
 * an enormous one: the summary's fields are unsigned, and clients in Go could not read any of it. Throws when the driver
 * reports no unit at all.
 */
export function reportedStats(usages: readonly VolumeUsage[]): VolumeStats {
  if (usages.length === 0) throw new Error(csiText('failed to get usage from response. usage is nil'));
  // Of two reports of a unit the later counts.
  const reported = (unit: VolumeUsage['unit']) => usages.findLast((usage) => usage.unit === unit) ?? nothing;
  const [bytes, inodes] = [reported('BYTES'), reported('INODES')];
  return {
    room: { bytes: roomOf(bytes), inodes: roomOf(inodes) },
    use: { bytes: Math.max(bytes.used, 0), inodes: Math.max(inodes.used, 0) },
  };
}

function roomOf({ available, total }: Pick<VolumeUsage, 'available' | 'total'>) {
  return { available: Math.max(available, 0), capacity: Math.max(total, 0) };
}
