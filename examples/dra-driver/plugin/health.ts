/** Reports to the kubelet how the devices are, which shows it in the status of the pods that use them. */

import { setInterval } from 'node:timers/promises';
import type { Boards } from '../devices/boards.ts';
import type { Handlers, Message } from '../protocol/service.ts';

/** The kubelet takes what is older than 30 seconds for unknown. */
const intervalMs = 1000;

export function healthPlugin(pool: string, boards: Boards): Handlers {
  return {
    streams: {
      async NodeWatchResources(send, ended) {
        try {
          send(await healthOf(pool, boards));
          for await (const _ of setInterval(intervalMs, undefined, { signal: ended })) {
            send(await healthOf(pool, boards));
          }
        } catch (error) {
          if (!ended.aborted) throw error;
        }
      },
    },
  };
}

async function healthOf(pool: string, boards: Boards): Promise<Message> {
  const devices = (await boards.names()).map(async (name) => {
    const problem = await boards.problemOf(name);
    return {
      device: { poolName: pool, deviceName: name },
      health: problem === undefined ? 'HEALTHY' : 'UNHEALTHY',
      message: problem ?? '',
      lastUpdatedTime: Math.floor(Date.now() / 1000),
    };
  });
  return { devices: await Promise.all(devices) };
}
