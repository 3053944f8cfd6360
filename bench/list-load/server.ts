/** The server of bench/list-load/list-load.ts: filled with pods, then its address is sent to the parent. */

import { releaseMemoryInQuiet } from '#host/memory/release.ts';
import { createPods, startChildServer } from '../child-server.ts';

const podCount = Number(process.argv[2]);
const namespace = 'load';

const { env, client, announce } = await startChildServer(namespace);
await createPods(client, namespace, podCount, (number) => `pod-${String(number).padStart(6, '0')}`);
// As a cluster's process does.
releaseMemoryInQuiet(env.clock);
announce();
