/** The servers of bench/connections/connections.ts: ours, or as its ceiling a bare one that sends the same response. */

import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { systemEnv } from '#host/system-env.ts';
import { ensurePki, memoryPkiStore } from '#pki/pki.ts';
import { startChildServer } from '../child-server.ts';

/** What the parent gets when it asks for it. */
export interface ThreadTime {
  readonly threadMs: number;
}

if (process.argv[2] === 'ours') (await startChildServer('connections')).announce();
else await startBare();

process.on('message', () => {
  const { user, system } = process.threadCpuUsage();
  process.send!({ threadMs: (user + system) / 1000 } satisfies ThreadTime);
});

async function startBare(): Promise<void> {
  const pki = await ensurePki({ ...systemEnv(), store: memoryPkiStore(), serverAddresses: ['127.0.0.1'] });
  const { certPem: cert, keyPem: key } = pki.server;
  const ca = pki.ca.certPem;
  const server = createServer(
    { cert, key, ca, requestCert: true, rejectUnauthorized: false },
    (_, response) => response.end('ok'),
  );
  server.listen(0, '127.0.0.1', () => {
    const { certPem, keyPem } = pki.admin();
    process.send!({ port: (server.address() as AddressInfo).port, cert: certPem, key: keyPem, ca });
  });
  process.on('disconnect', () => process.exit(0));
}
