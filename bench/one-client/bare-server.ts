/** The ceiling of bench/one-client/one-client.ts: HTTPS, JSON, and one SQLite commit a request. No Kubernetes. */

import { mkdtempSync } from 'node:fs';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { systemEnv } from '#host/system-env.ts';
import { ensurePki, memoryPkiStore } from '#pki/pki.ts';
import { openDatabase, pageBytes } from '#store/sqlite/format.ts';
import { answerCpu } from './answer-cpu.ts';

const folder = mkdtempSync(join(process.env['BENCH_DIR'] ?? tmpdir(), 'kybern-bench-one-client-'));
const pki = await ensurePki({ ...systemEnv(), store: memoryPkiStore(), serverAddresses: ['127.0.0.1'] });
const db = openDatabase(join(folder, 'store.db'), 'bench');
// SQLite's own checkpoints, at the store's interval.
db.exec(`PRAGMA wal_autocheckpoint = ${(8 * 1024 * 1024) / pageBytes}`);
const insert = db.prepare('INSERT INTO log VALUES (?, ?, 1, 1, ?, 0)');
/** What a pod of the benchmark takes with its managed fields, however little of it a request sends. */
const storedBytes = 5400;
let lastRow = 0;

const { certPem: cert, keyPem: key } = pki.server;
const server = createServer(
  { cert, key, ca: pki.ca.certPem, requestCert: true, rejectUnauthorized: false },
  async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk);
    const object = JSON.parse(Buffer.concat(chunks).toString());
    const value = Buffer.from(JSON.stringify(object).padEnd(storedBytes));
    insert.run(++lastRow, request.url!, value);
    const status = request.method === 'POST' ? 201 : 200;
    response.writeHead(status, { 'content-type': 'application/json', 'content-length': value.length });
    response.end(value);
  },
);
server.listen(0, '127.0.0.1', () => {
  const admin = pki.admin();
  const { port } = server.address() as AddressInfo;
  process.send!({ port, cert: admin.certPem, key: admin.keyPem, ca: pki.ca.certPem });
  answerCpu(folder);
});
