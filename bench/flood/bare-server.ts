/**
 * The ceiling of bench/flood/flood.ts: an HTTPS server that sends prepared bytes to each client, in the order in which
 * the event loop finds the requests.
 */

import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { systemEnv } from '#host/system-env.ts';
import { ensurePki, memoryPkiStore } from '#pki/pki.ts';
import { benchPod } from '../bench-pod.ts';
import { answerLoopDelay } from './loop-delay.ts';

/** As a list sends it. */
const pieceBytes = 128 * 1024;

const pod = Buffer.from(JSON.stringify(benchPod('flood', 'pod-7')));
/** As long as the list of the server that it is compared with. */
const list = Buffer.alloc(Number(process.argv[2]), pod);
const pki = await ensurePki({ ...systemEnv(), store: memoryPkiStore(), serverAddresses: ['127.0.0.1'] });

const server = createServer(
  { cert: pki.server.certPem, key: pki.server.keyPem },
  async (request, response) => {
    for await (const _ of request);
    const body = request.url!.endsWith('/pods') ? list : pod;
    const status = request.method === 'POST' ? 201 : 200;
    response.writeHead(status, { 'content-type': 'application/json', 'content-length': body.length });
    for (let at = 0; at < body.length; at += pieceBytes) {
      const isTaken = response.write(body.subarray(at, at + pieceBytes));
      if (!isTaken && !response.destroyed) await new Promise((resolve) => response.once('drain', resolve));
    }
    response.end();
  },
);
server.listen(0, '127.0.0.1', () => {
  process.send!({ port: (server.address() as AddressInfo).port, ca: pki.ca.certPem });
  answerLoopDelay();
  process.on('disconnect', () => process.exit(0));
});
