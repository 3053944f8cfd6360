/** Two replicas of the operator: one leads, and the other takes over when the leader stops, dies or is cut off. */

import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { CoordinationV1Api } from '@kubernetes/client-node';
import { namespace, startWebsiteCluster, type WebsiteCluster } from './testing/website-cluster.ts';

const leads = (websites: WebsiteCluster, identity: string) =>
  websites.eventually(async () => (await websites.leader()) === identity);

test('two replicas – started one after the other – the first leads, and stays the leader', async (t) => {
  const websites = await startWebsiteCluster(t);
  await websites.startOperator('first');
  await leads(websites, 'first');
  await websites.startOperator('second');
  const lease = websites.config.makeApiClient(CoordinationV1Api);
  const renewals = async () => {
    const { spec } = await lease.readNamespacedLease({ namespace, name: 'website-operator' });
    return new Date(spec?.renewTime ?? 0).getTime();
  };

  for (let beat = 0; beat < 5; beat++) {
    const before = await renewals();
    await websites.cluster.clock.advance(4_000); // the leader renews every two seconds
    await websites.eventually(async () => (await renewals()) > before);
  }

  assert.equal(await websites.leader(), 'first');
});

test('a leader – that is stopped – hands over at once', async (t) => {
  const websites = await startWebsiteCluster(t);
  const first = await websites.startOperator('first');
  await leads(websites, 'first');
  await websites.startOperator('second');

  await first.stop();

  assert.equal(await websites.leader(), undefined);
  await websites.cluster.clock.advance(2_000); // until the other replica looks again
  await leads(websites, 'second');
});

test('a leader – that is killed – is followed when its lease has run out, and the work goes on', async (t) => {
  const websites = await startWebsiteCluster(t);
  const first = await startProcess(t, websites, 'first');
  await leads(websites, 'first');
  await websites.startOperator('second');
  first.kill('SIGKILL');
  await once(first, 'exit');
  await websites.createWebsite('shop');

  await websites.cluster.clock.advance(10_000);
  assert.equal(await websites.leader(), 'first', 'the lease of a dead leader holds for fifteen seconds');

  const { clock } = websites.cluster;
  await websites.eventually(async () => {
    await clock.advance(2_000);
    return (await websites.leader()) === 'second';
  });
  await websites.ready('shop');
});

/** The operator as a process of its own, as `node main.ts` starts it; resolves when its webhooks are served. */
async function startProcess(t: TestContext, { cluster }: WebsiteCluster, identity: string) {
  const home = mkdtempSync(join(tmpdir(), 'website-operator-'));
  writeFileSync(join(home, 'kubeconfig'), cluster.kubeconfig);
  const args = [join(import.meta.dirname, 'main.ts'), '--webhook-host=127.0.0.1', '--webhook-port=0'];
  const child = spawn(process.execPath, [...args, `--identity=${identity}`], {
    env: { ...process.env, KUBECONFIG: join(home, 'kubeconfig') },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  t.after(() => {
    child.kill('SIGKILL');
    rmSync(home, { recursive: true });
  });
  let said = '';
  for await (const text of child.stdout.setEncoding('utf8').iterator({ destroyOnReturn: false })) {
    said += text;
    if (said.includes('webhooks are served')) break;
  }
  return child;
}
