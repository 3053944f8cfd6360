/** How long the processes of a control group had to wait for want of a resource (PSI): cgroup v2 alone has it. */

import { readFile } from 'node:fs/promises';
import { unlessAbsent } from './files.ts';

export interface CgroupPressure {
  readonly cpu: Pressure | undefined;
  readonly memory: Pressure | undefined;
  readonly io: Pressure | undefined;
}

export interface Pressure {
  /** Some of the processes waited. */
  readonly some: Waiting;
  /** All of them waited. */
  readonly full: Waiting;
}

export interface Waiting {
  /** Since the group was made. */
  readonly totalMicros: number;
  /** Percent of the last 10, 60 and 300 seconds. */
  readonly avg10: number;
  readonly avg60: number;
  readonly avg300: number;
}

/** `dir` is the folder of the group. Undefined where the kernel measures none of it. */
export async function readPressure(dir: string): Promise<CgroupPressure | undefined> {
  const [cpu, memory, io] = await Promise.all(
    ['cpu', 'memory', 'io'].map(async (resource) => {
      const text = await unlessAbsent(readFile(`${dir}/${resource}.pressure`, 'latin1')).catch(
        unlessDisabled,
      );
      return text === undefined ? undefined : pressureIn(text);
    }),
  );
  return cpu || memory || io ? { cpu, memory, io } : undefined;
}

/** A kernel that was started with `psi=0` has the files, but does not let them be read. */
function unlessDisabled(error: NodeJS.ErrnoException): undefined {
  if (error.code !== 'ENOTSUP' && error.code !== 'EOPNOTSUPP') throw error;
}

function pressureIn(text: string): Pressure {
  return { some: waitingIn(text, 'some'), full: waitingIn(text, 'full') };
}

/** `some avg10=0.22 avg60=0.17 avg300=1.11 total=58761459`; older kernels have no line `full` of the processors. */
function waitingIn(text: string, which: 'some' | 'full'): Waiting {
  const line = text.split('\n').find((line) => line.startsWith(`${which} `)) ?? '';
  const value = (name: string) => Number(new RegExp(` ${name}=([0-9.]+)`).exec(line)?.[1] ?? 0);
  return {
    totalMicros: value('total'),
    avg10: value('avg10'),
    avg60: value('avg60'),
    avg300: value('avg300'),
  };
}
