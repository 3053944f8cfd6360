/** The server of bench/one-client/one-client.ts: an API server over a store on the disk, alone in its process. */

import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { systemEnv } from '#host/system-env.ts';
import { openSqliteStore } from '#store/sqlite/store.ts';
import { startChildServer } from '../child-server.ts';
import { answerCpu } from './answer-cpu.ts';

const folder = mkdtempSync(join(process.env['BENCH_DIR'] ?? tmpdir(), 'kybern-bench-one-client-'));
const store = await openSqliteStore({ env: systemEnv(), path: join(folder, 'store.db') });
const { announce } = await startChildServer('one-client', undefined, store);
answerCpu(folder);
announce();
