/** The ceiling of bench/api.ts: an HTTPS server that sends the same bytes for every request. */

import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { parentPort, workerData } from 'node:worker_threads';

const { bytes, cert, key, ca } = workerData as { bytes: Uint8Array; cert: string; key: string; ca: string };
const headers = { 'content-type': 'application/json', 'content-length': String(bytes.length) };

const server = createServer(
  { cert, key, ca, requestCert: true, rejectUnauthorized: false },
  (_, response) => {
    response.writeHead(200, headers);
    response.end(bytes);
  },
);
server.listen(0, '127.0.0.1', () => parentPort!.postMessage((server.address() as AddressInfo).port));
