/** The certificate of `proxy-client-cert-file`, as the extension API server sees it. */

import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { apiServices } from '#api/generated/kinds.gen.ts';
import type { APIService } from '#api/generated/types.gen.ts';
import { conditionOf } from '#api/meta/conditions.ts';
import type { Client } from '#client/client.ts';
import { systemEnv } from '#host/system-env.ts';
import { ensurePki, memoryPkiStore } from '#pki/pki.ts';
import {
  extensionGroup,
  json,
  registerExtension,
  startExtensionServer,
} from '#testing/server/extension-server.ts';
import { startTestServer } from '#testing/server/test-server.ts';
import { VirtualClock } from '#testing/virtual-clock.ts';

async function available(client: Client): Promise<void> {
  const isAvailable = ({ status }: APIService) => conditionOf(status, 'Available')?.status === 'True';
  const { items, metadata } = await client.list(apiServices);
  const name = `v1.${extensionGroup}`;
  if (items.some((service) => service.metadata.name === name && isAvailable(service))) return;
  const changes = client.watch(apiServices, {
    resourceVersion: metadata?.resourceVersion ?? '',
    signal: new AbortController().signal,
  });
  for await (const { object } of changes) {
    if (object.metadata?.name === name && isAvailable(object as APIService)) return;
  }
}

test('proxy-client-cert-file – a proxied request – is shown by it, and by its successor after a rotation', async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'kybern-proxy-'));
  t.after(() => rmSync(folder, { recursive: true }));
  const own = await ensurePki({ ...systemEnv(), store: memoryPkiStore() });
  const [certFile, keyFile] = [join(folder, 'cert'), join(folder, 'key')];
  const write = (commonName: string) => {
    const { certPem, keyPem } = own.leaf(commonName, { commonName, usages: ['clientAuth'] });
    writeFileSync(certFile, certPem);
    writeFileSync(keyFile, keyPem);
  };
  write('proxy-one');
  const clock = new VirtualClock(Date.now());
  const configuration = {
    arguments: { 'proxy-client-cert-file': certFile, 'proxy-client-key-file': keyFile },
  };
  const api = await startTestServer({ setup: 'kubernetes', https: true, env: { clock }, configuration });
  t.after(api.stop);
  const extension = await startExtensionServer();
  t.after(() => extension[Symbol.asyncDispose]());
  extension.reply = (_, response) => json(response, 200, {});
  await registerExtension(api.client, extension);
  await available(api.client);
  const proxyOf = async (path: string) => {
    await api.transport.request({ method: 'GET', path: `/apis/${extensionGroup}/v1/${path}`, headers: {} });
    return extension.asked.find(({ url }) => url.endsWith(path))?.proxy;
  };
  assert.equal(await proxyOf('before'), 'proxy-one');
  write('proxy-two');
  await clock.advance(5 * 60_000);
  assert.equal(await proxyOf('after'), 'proxy-two');
});
