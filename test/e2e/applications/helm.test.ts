/**
 * Helm 4 (server-side apply) and Helm 3 with the chart that `helm create` makes, a CustomResourceDefinition, a
 * custom resource and a hook beside it, on a real node. Skipped where neither the PATH nor the variables HELM and
 * HELM3 name a Helm.
 */

import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { eventually, kubectl, type Output, runProgram, startTestCluster } from '../../support/cluster.ts';
import { addNginx } from '../../support/images.ts';
import { type Helm, helmPrograms } from '../../support/programs.ts';

const helms = helmPrograms();
const skip = helms.length === 0 && 'no Helm: put one on the PATH, or name one by the variable HELM or HELM3';
const repository = 'kybern.test/web';
const home = mkdtempSync(join(tmpdir(), 'kybern-helm-'));
let cluster: Awaited<ReturnType<typeof startTestCluster>>;

before(async () => {
  if (skip) return;
  cluster = await startTestCluster([], 'helm');
  for (const tag of ['1', '2']) await addNginx(cluster, `${repository}:${tag}`, `page ${tag}`);
});
after(async () => {
  await cluster?.dispose();
  rmSync(home, { recursive: true, force: true });
});

const definition = (release: string) => `
apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata: { name: menus.${release}.example.com }
spec:
  group: ${release}.example.com
  scope: Namespaced
  names: { plural: menus, singular: menu, kind: Menu }
  versions:
    - name: v1
      served: true
      storage: true
      schema:
        openAPIV3Schema:
          type: object
          properties: { spec: { type: object, properties: { dishes: { type: integer, maximum: 9 } } } }
`;

const menu = (release: string) => `
apiVersion: ${release}.example.com/v1
kind: Menu
metadata: { name: menu }
spec: { dishes: {{ .Values.dishes | default 1 }} }
`;

const hook = `
apiVersion: batch/v1
kind: Job
metadata:
  name: prepare
  annotations:
    helm.sh/hook: pre-install,pre-upgrade
    helm.sh/hook-delete-policy: before-hook-creation,hook-succeeded
spec:
  backoffLimit: 0
  template:
    spec:
      restartPolicy: Never
      containers:
        - { name: c, image: "${repository}:1", command: [sh, -c, "exit {{ .Values.hookCode | default 0 }}"] }
`;

/** What `helm create` makes, with what this file adds; its test's busybox is the local image. */
async function createChart(helm: Helm, release: string): Promise<string> {
  const chart = join(home, release);
  const { code, stderr } = await runProgram(helm.program, ['create', chart], { ...process.env, HOME: home });
  assert.equal(code, 0, stderr);
  mkdirSync(join(chart, 'crds'));
  writeFileSync(join(chart, 'crds/menus.yaml'), definition(release));
  writeFileSync(join(chart, 'templates/menu.yaml'), menu(release));
  writeFileSync(join(chart, 'templates/hook.yaml'), hook);
  const connection = join(chart, 'templates/tests/test-connection.yaml');
  writeFileSync(
    connection,
    readFileSync(connection, 'utf8')
      .replace('image: busybox', `image: ${repository}:1`)
      .replace("['wget']", "['wget', '-O-']"),
  );
  return chart;
}

test('Helm – of any version – is on this machine', { skip }, () => undefined);

for (const helm of helms) {
  const release = `web${helm.major}`;
  const namespace = `shop${helm.major}`;
  const rollBack = helm.major >= 4 ? '--rollback-on-failure' : '--atomic';
  const wait = ['--wait', '--timeout=90s'];
  /** Long enough for a healthy roll-back, short enough to wait for what never becomes ready. */
  const waitInVain = ['--wait', '--timeout=15s'];
  let chart: string;

  const attempt = (...args: string[]): Promise<Output> =>
    runProgram(helm.program, [...args, '--namespace', namespace], { ...cluster.env, HOME: home });
  const run = async (...args: string[]) => {
    const { code, stdout, stderr } = await attempt(...args);
    assert.equal(code, 0, `${args.join(' ')}: ${stderr}`);
    return stdout;
  };
  const upgrade = (...more: string[]) => ['upgrade', release, chart, ...values, ...more];
  const values = ['--set', `image.repository=${repository}`, '--set', 'image.tag=1'];
  const k = (...args: string[]) => kubectl(cluster, [...args, '-n', namespace]);
  const running = () =>
    k(
      'get',
      'deployment',
      release,
      '-o',
      'jsonpath={.spec.replicas} {.spec.template.spec.containers[0].image}',
    );
  const dishes = () => k('get', `menus.${release}.example.com`, 'menu', '-o', 'jsonpath={.spec.dishes}');
  const lastRevision = async () => JSON.parse(await run('history', release, '-o', 'json')).at(-1);

  describe(`Helm ${helm.major} – a release – from its install to its uninstall`, {
    concurrency: false,
  }, () => {
    test('install – into a new namespace – waits for its hook, its definition and its pods', async () => {
      chart = await createChart(helm, release);
      const said = await run('install', release, chart, ...values, '--create-namespace', ...wait);
      assert.match(said, /^STATUS: deployed$/m);
      assert.equal(await k('get', 'deployment', release, '-o', 'jsonpath={.status.readyReplicas}'), '1');
      assert.equal(await dishes(), '1');
      assert.equal(await k('get', 'jobs', '-o', 'name'), '', 'the hook that succeeded is deleted');
      const [listed] = JSON.parse(await run('list', '-o', 'json'));
      assert.deepEqual([listed.name, listed.status, listed.revision], [release, 'deployed', '1']);
      assert.match(await run('get', 'manifest', release), /^kind: Deployment$/m);
      assert.match(await run('test', release, '--timeout=60s'), /^Phase: +Succeeded$/m);
    });

    test('dry run – on the server – reports what is wrong and changes nothing', async () => {
      const fine = await run(...upgrade('--set', 'replicaCount=2', '--dry-run=server'));
      assert.match(fine, /^ {2}replicas: 2$/m);
      assert.equal(await running(), `1 ${repository}:1`);
      assert.equal((await lastRevision()).revision, 1);
    });

    test('upgrade and rollback – of a release – change its objects there and back', async () => {
      await run(...upgrade('--set', 'replicaCount=2,image.tag=2,dishes=3', ...wait));
      assert.equal(await running(), `2 ${repository}:2`);
      assert.equal(await dishes(), '3');
      await run('rollback', release, '1', ...wait);
      assert.equal(await running(), `1 ${repository}:1`);
      assert.equal(await dishes(), '1');
    });

    test('upgrade – whose pods, hook or object fail – is rolled back', async (t) => {
      const failures = [
        ['image.tag=missing,image.pullPolicy=Never', /context deadline exceeded/],
        ['hookCode=3', /pre-upgrade hooks failed/],
        [
          'dishes=10',
          /spec\.dishes: Invalid value: 10: spec\.dishes in body should be less than or equal to 9/,
        ],
      ] as const;
      for (const [value, message] of failures) {
        await t.test(value, async () => {
          const failed = await attempt(...upgrade('--install', '--set', value, rollBack, ...waitInVain));
          assert.equal(failed.code, 1, failed.stdout);
          assert.match(failed.stderr, message);
          const { status, description } = await lastRevision();
          assert.deepEqual([status, /^Rollback to \d+$/.test(description)], ['deployed', true]);
          assert.equal(await running(), `1 ${repository}:1`);
        });
      }
    });

    test('install – whose pods fail – leaves nothing', async () => {
      const failing = [...values, '--set', 'image.tag=missing,image.pullPolicy=Never'];
      const other = await createChart(helm, `other${helm.major}`);
      const args = ['upgrade', '--install', `other${helm.major}`, other, ...failing, rollBack, ...waitInVain];
      const failed = await attempt(...args);
      assert.equal(failed.code, 1, failed.stdout);
      assert.deepEqual(
        JSON.parse(await run('list', '-o', 'json')).map(({ name }: { name: string }) => name),
        [release],
      );
      const label = `app.kubernetes.io/instance=other${helm.major}`;
      await eventually(
        'all of it is gone',
        async () => (await k('get', 'all', '-l', label, '-o', 'name')) === '',
      );
    });

    test('upgrade – of what kubectl has changed – conflicts if it applies, and wins by force', async () => {
      const patch = ['--type=merge', '-p', '{"spec":{"replicas":3}}', '--field-manager=kubectl-edit'];
      await k('patch', 'deployment', release, ...patch);
      const more = ['--set', 'replicaCount=2'];
      if (helm.major >= 4) {
        const refused = await attempt(...upgrade(...more));
        assert.equal(refused.code, 1);
        assert.match(
          refused.stderr,
          /Apply failed with 1 conflict: conflict with "kubectl-edit" using apps\/v1: \.spec\.replicas/,
        );
        more.push('--force-conflicts');
      }
      await run(...upgrade(...more, ...wait));
      assert.equal(await running(), `2 ${repository}:1`);
    });

    test('uninstall – of a release – deletes its objects and keeps its definition', async () => {
      await run('uninstall', release, ...wait);
      const kinds = `deployments,services,serviceaccounts,secrets,menus.${release}.example.com`;
      const label = `app.kubernetes.io/instance=${release}`;
      assert.equal(await k('get', kinds, '-l', label, '-o', 'name'), '');
      assert.match(await k('get', 'crd', '-o', 'name'), new RegExp(`menus\\.${release}\\.example\\.com`));
      assert.deepEqual(JSON.parse(await run('list', '-o', 'json')), []);
      const again = await attempt('uninstall', release);
      assert.match(again.stderr, new RegExp(`${release}: release: not found`));
    });
  });
}
