/** The operator as its users meet it: the manifests of this folder, and stock kubectl. */

import assert from 'node:assert/strict';
import { execFile, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { promisify } from 'node:util';
import { startWebsiteCluster } from './testing/website-cluster.ts';

const skip = spawnSync('kubectl', ['version', '--client']).status !== 0 && 'there is no kubectl on the PATH';

/** A cluster with the operator, and a `kubectl` for it that resolves with all that it prints. */
async function start(t: TestContext) {
  const websites = await startWebsiteCluster(t);
  await websites.startOperator();
  const home = mkdtempSync(join(tmpdir(), 'website-kubectl-'));
  t.after(() => rmSync(home, { recursive: true }));
  const env = { ...process.env, HOME: home, KUBECONFIG: join(home, 'kubeconfig') };
  writeFileSync(env.KUBECONFIG, websites.cluster.kubeconfig, { mode: 0o600 });
  const options = { env, cwd: join(import.meta.dirname, 'manifests') };
  const run = promisify(execFile);
  const kubectl = async (command: string, ...more: string[]) => {
    const { stdout, stderr } = await run('kubectl', [...command.split(' '), ...more], options);
    return `${stderr}${stdout}`.trim();
  };
  return { ...websites, kubectl };
}

test('kubectl – with the sample – applies, waits for, shows, scales and deletes a website', {
  skip,
}, async (t) => {
  const { kubectl } = await start(t);

  assert.equal(await kubectl('apply -f website.yaml'), 'website.web.example.com/shop created');
  assert.equal(await kubectl('apply -f website.yaml'), 'website.web.example.com/shop unchanged');
  await kubectl('wait website/shop --for=condition=Ready --timeout=60s');
  assert.match(
    await kubectl('get site'),
    /^NAME +HOST +REPLICAS +READY +AGE\nshop +shop\.example\.com +2 +True +\d+s$/,
  );
  assert.match(await kubectl('get all'), /^website\.web\.example\.com\/shop +shop\.example\.com/m);

  await kubectl('scale website/shop --replicas=3');
  await kubectl('wait website/shop --for=jsonpath={.status.readyReplicas}=3 --timeout=60s');
  assert.match(
    await kubectl('describe website shop'),
    /Normal +AllReplicasReady .*2 of 2 replicas are ready/,
  );

  await kubectl('delete website shop --timeout=60s');
  await kubectl('wait deployment/shop --for=delete --timeout=60s');
});

test('kubectl – about the kind – explains its fields, selects by host and warns of the old version', {
  skip,
}, async (t) => {
  const { kubectl, createWebsite } = await start(t);
  await createWebsite('shop', { host: 'shop.example.com' });
  await createWebsite('blog', { host: 'blog.example.com' });

  assert.match(
    await kubectl('explain website.spec.host'),
    /The name that visitors type\. It belongs to one website of the cluster, and\s+never changes\./,
  );
  assert.equal(
    await kubectl('get websites -o name --field-selector spec.host=blog.example.com'),
    'website.web.example.com/blog',
  );
  assert.match(
    await kubectl('get websites.v1beta1.web.example.com shop'),
    /^Warning: web\.example\.com\/v1beta1 Website is deprecated.*\nNAME +DOMAIN +AGE\nshop +shop\.example\.com/,
  );
});

test('kubectl – with a website that is wrong – says what is', { skip }, async (t) => {
  const { kubectl, createWebsite } = await start(t);
  await createWebsite('shop', { host: 'shop.example.com' });
  const patch = (spec: object) => kubectl('patch website shop --type=merge -p', JSON.stringify({ spec }));

  await assert.rejects(
    patch({ replicas: -1 }),
    /spec\.replicas in body should be greater than or equal to 0/,
  );
  await assert.rejects(patch({ host: 'other.example.com' }), /a website keeps its host/);
  assert.match(await patch({ colour: 'red' }), /^Warning: unknown field "spec\.colour"/);
  assert.match(await patch({ image: 'nginx' }), /^Warning: spec\.image: nginx may be another image tomorrow/);
});
