/** Answers each message of the parent with the processor time that the process has used, in µs; ends with it. */

import { rmSync } from 'node:fs';

/** `folder` is removed at the end. */
export function answerCpu(folder: string): void {
  process.on('message', () => {
    const { user, system } = process.cpuUsage();
    process.send!(user + system);
  });
  process.on('disconnect', () => {
    rmSync(folder, { recursive: true, force: true });
    process.exit(0);
  });
}
