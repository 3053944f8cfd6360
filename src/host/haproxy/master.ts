/** Reads what HAProxy's master process says of itself and its workers (`show proc`). */

export interface MasterState {
  /** How often the configuration was loaded after the start, successfully or not. */
  readonly reloads: number;
  /** Loads that failed since the last success: the earlier worker serves on. */
  readonly failures: number;
  /** A worker with the newest configuration runs. */
  readonly hasNewWorker: boolean;
  /** Process numbers of workers that serve connections of earlier configurations to their end. */
  readonly oldWorkers: readonly number[];
}

export function readMaster(answer: string): MasterState {
  const master = /^\d+\s+master\s+(\d+)\s+\[failed: (\d+)\]/m.exec(answer);
  return {
    reloads: Number(master?.[1] ?? 0),
    failures: Number(master?.[2] ?? 0),
    hasNewWorker: /^\d+\s+worker\s+0\s/m.test(answer),
    oldWorkers: oldWorkersIn(answer),
  };
}

/** Those that run since before the last successful load have a section of their own. */
function oldWorkersIn(answer: string): number[] {
  const [, section = ''] = answer.split('# old workers');
  return [...section.matchAll(/^(\d+)\s+worker\s/gm)].map(([, pid]) => Number(pid));
}
