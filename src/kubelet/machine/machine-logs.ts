/** The container logs of a real machine: read, rotated, and removed with their pod. */

import type { Clock } from '#base/clock.ts';
import { openLog, readTail, rotateLog, tidyRotated, watchLog } from '#host/files/log-files.ts';
import { removeAll } from '#host/files/remove-all.ts';
import type { NodePod } from '../pod/pod.ts';
import type { PodSetup } from '../runtime/machine.ts';
import type { ContainerSummary } from '../runtime/runtime.ts';
import { messageOf } from './log-format.ts';
import type { PodPaths } from './pod-paths.ts';

export const logBytesMax = 10 * 1024 * 1024;
export const logFilesMax = 5;
const messageBytesMax = 2048;
const messageLinesMax = 80;

export function machineLogs(
  clock: Clock,
  paths: PodPaths,
): Required<Pick<PodSetup, 'openLog' | 'logFiles' | 'removeLogs'>> {
  return {
    async openLog(pod, status, tailLines) {
      const path = paths.log(pod, status);
      const reader = await openLog(path, tailLines);
      return reader && { ...reader, watch: (onChange: () => void) => watchLog(path, onChange) };
    },
    logFiles: {
      async rotate(pod, containers) {
        const rotated: string[] = [];
        for (const container of containers) {
          if (await rotateLog(paths.log(pod, container), logBytesMax, clock.now())) {
            rotated.push(container.id);
          }
        }
        return rotated;
      },
      async tidy(pod, containers) {
        for (const container of containers) await tidyRotated(paths.log(pod, container), logFilesMax);
      },
    },
    removeLogs: (pod) => removeAll(paths.logsOf(pod)),
  };
}

/** The end of a container's log, short enough for its status. */
export async function logEnd(paths: PodPaths, pod: NodePod, status: ContainerSummary): Promise<Uint8Array> {
  const lines = (await readTail(paths.log(pod, status), messageLinesMax)).map(messageOf);
  return Buffer.from(lines.join(''), 'latin1').subarray(-messageBytesMax);
}
