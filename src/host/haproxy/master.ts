/** Reads what HAProxy's master process says of itself and its workers (`show proc`). */

export interface MasterState {
  /** How often the configuration was loaded after the start, successfully or not. */
  readonly reloads: number;
  /** Loads that failed since the last success: the earlier worker serves on. */
  readonly failures: number;
  /** A worker with the newest configuration runs. */
  readonly hasNewWorker: boolean;
}

export function readMaster(answer: string): MasterState {
  const master = /^\d+\s+master\s+(\d+)\s+\[failed: (\d+)\]/m.exec(answer);
  return {
    reloads: Number(master?.[1] ?? 0),
    failures: Number(master?.[2] ?? 0),
    hasNewWorker: /^\d+\s+worker\s+0\s/m.test(answer),
  };
}
