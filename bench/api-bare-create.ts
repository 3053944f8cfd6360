/**
 * The ceiling of durable creation: an HTTPS server that parses the body, commits it to SQLite in a thread of
 * its own, in one transaction with the bodies that arrived meanwhile, and answers with it. No Kubernetes,
 * nothing kept in memory.
 */

import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { parentPort, workerData } from 'node:worker_threads';
import { systemEnv } from '#host/system-env.ts';
import type { LogRow } from '#store/mvcc/version.ts';
import { SqliteRowLog } from '#store/sqlite/row-log.ts';

interface Waiting {
  readonly row: LogRow;
  answer(): void;
}

const { path, cert, key, ca } = workerData as { path: string; cert: string; key: string; ca: string };
const options = { path, writer: 'bench', policy: { isUsed: false, acceptLoss: false }, reserveBytes: 0 };
const rowLog = new SqliteRowLog(options, systemEnv().clock, undefined, () => {});
let waiting: Waiting[] = [];
let isCommitting = false;
let lastRow = 0;

const server = createServer(
  { cert, key, ca, requestCert: true, rejectUnauthorized: false },
  (request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk) => chunks.push(chunk));
    request.on('end', () => {
      const object = JSON.parse(Buffer.concat(chunks).toString());
      const value = Buffer.from(JSON.stringify(object));
      const rowId = ++lastRow;
      const row = {
        rowId,
        key: `/registry/pods/create/${object.metadata.name}`,
        createRevision: 1,
        version: 1,
        value,
      };
      waiting.push({
        row,
        answer() {
          const headers = { 'content-type': 'application/json', 'content-length': String(value.length) };
          response.writeHead(201, headers);
          response.end(value);
        },
      });
      if (!isCommitting) void commit();
    });
  },
);

async function commit(): Promise<void> {
  isCommitting = true;
  while (waiting.length > 0) {
    const group = waiting;
    waiting = [];
    await rowLog.append(
      group.map(({ row }) => row),
      false,
    );
    for (const { answer } of group) answer();
  }
  isCommitting = false;
}

await rowLog.load(() => {});
server.listen(0, '127.0.0.1', () => parentPort!.postMessage((server.address() as AddressInfo).port));
