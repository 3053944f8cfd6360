/**
 * apply, edit and diff, client-side and server-side, with every stock kubectl that the machine has: owners are
 * kept, conflicts are reported, and either way of applying goes on where the other has stopped.
 */

import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { leases } from '#api/generated/kinds.gen.ts';
import { type Cluster, startCluster } from '#cluster/cluster.ts';
import { tryKubectl } from '../../support/cluster.ts';
import { kubectlPrograms } from '../../support/programs.ts';

const programs = kubectlPrograms();
const home = mkdtempSync(join(tmpdir(), 'kybern-apply-'));
const env = { ...process.env, HOME: home, KUBECONFIG: join(home, 'kubeconfig') };
let cluster: Cluster;

before(async () => {
  cluster = await startCluster({ name: 'apply' });
  writeFileSync(env.KUBECONFIG, cluster.kubeconfig);
});
after(async () => {
  await cluster?.stop();
  rmSync(home, { recursive: true, force: true });
});

const deployment = (name: string, replicas: number, image = 'a') => `
apiVersion: apps/v1
kind: Deployment
metadata: { name: ${name} }
spec:
  replicas: ${replicas}
  selector: { matchLabels: { app: ${name} } }
  template:
    metadata: { labels: { app: ${name} } }
    spec: { containers: [{ name: c, image: ${image} }] }
`;

const map = (name: string, value: string) =>
  `apiVersion: v1\nkind: ConfigMap\nmetadata: { name: ${name} }\ndata: { a: "${value}" }\n`;

for (const program of programs) {
  const version = program.slice(program.lastIndexOf('/') + 1);
  const versioned = (name: string) => `${name}-${version.replaceAll('.', '-')}`;
  const attempt = (args: readonly string[], input?: string, more: NodeJS.ProcessEnv = {}) =>
    tryKubectl({ env: { ...env, ...more } }, args, input, program);
  const k = async (args: readonly string[], input?: string, more?: NodeJS.ProcessEnv) => {
    const { code, stdout, stderr } = await attempt(args, input, more);
    assert.equal(code, 0, `${args.join(' ')}: ${stderr}`);
    return stdout;
  };
  const managersOf = (name: string, kind = 'deployment') =>
    k(['get', kind, name, '-o', 'jsonpath={range .metadata.managedFields[*]}{.manager}/{.operation} {end}']);

  describe(version, { concurrency: false }, () => {
    test('server-side apply – of a new object and again – creates it and changes nothing', async () => {
      const name = versioned('new');
      const apply = ['apply', '--server-side', '-f', '-'];
      assert.match(await k(apply, deployment(name, 1)), /serverside-applied/);
      const before = await k(['get', 'deployment', name, '-o', 'jsonpath={.metadata.generation}']);
      assert.match(await k(apply, deployment(name, 1)), /serverside-applied/);
      assert.equal(await k(['get', 'deployment', name, '-o', 'jsonpath={.metadata.generation}']), before);
      assert.match(await managersOf(name), /kubectl\/Apply/);
    });

    test('server-side apply – of what another manager owns – is a conflict that can be forced', async () => {
      const name = versioned('fought');
      await k(['apply', '--server-side', '-f', '-'], deployment(name, 1));
      const other = ['apply', '--server-side', '--field-manager=other', '-f', '-'];
      const refused = await attempt(other, deployment(name, 2));
      assert.equal(refused.code, 1);
      assert.match(refused.stderr, /Apply failed with 1 conflict: conflict with "kubectl": \.spec\.replicas/);
      assert.match(await k([...other, '--force-conflicts'], deployment(name, 2)), /serverside-applied/);
      assert.equal(await k(['get', 'deployment', name, '-o', 'jsonpath={.spec.replicas}']), '2');
    });

    test('managed fields – of an object – are shown when asked for', async () => {
      const name = versioned('shown');
      await k(['apply', '--server-side', '-f', '-'], map(name, '1'));
      assert.doesNotMatch(await k(['get', 'cm', name, '-o', 'yaml']), /managedFields/);
      const shown = await k(['get', 'cm', name, '-o', 'yaml', '--show-managed-fields']);
      assert.match(
        shown,
        /managedFields:\n {2}- apiVersion: v1\n {4}fieldsType: FieldsV1\n {4}fieldsV1:\n {6}f:data:\n {8}f:a: \{\}/,
      );
    });

    test('an object – applied client-side, then server-side, then client-side – has no conflicts', async () => {
      const name = versioned('moved');
      await k(['apply', '-f', '-'], deployment(name, 1));
      assert.match(await managersOf(name), /kubectl-client-side-apply\/Update/);
      await k(['apply', '--server-side', '-f', '-'], deployment(name, 2, 'b'));
      await k(['apply', '-f', '-'], deployment(name, 3, 'c'));
      const values = 'jsonpath={.spec.replicas} {.spec.template.spec.containers[0].image}';
      assert.equal(await k(['get', 'deployment', name, '-o', values]), '3 c');
    });

    test('diff – of both kinds – shows what apply would change, and nothing after it', async (t) => {
      const name = versioned('diff');
      await k(['apply', '--server-side', '-f', '-'], map(name, '1'));
      for (const side of [['--server-side'], []]) {
        await t.test(side[0] ?? 'client-side', async () => {
          const changed = await attempt(['diff', ...side, '-f', '-'], map(name, '2'));
          assert.equal(changed.code, 1, changed.stderr);
          assert.match(changed.stdout, /^-\s+a: "1"\n\+\s+a: "2"$/m);
        });
      }
      const same = await attempt(['diff', '--server-side', '-f', '-'], map(name, '1'));
      assert.deepEqual([same.code, same.stdout], [0, '']);
    });

    test('edit – of an object – makes its editor an owner', async () => {
      const name = versioned('edited');
      await k(['apply', '--server-side', '-f', '-'], map(name, '1'));
      await k(['edit', 'cm', name], undefined, { KUBE_EDITOR: `sed -i 's/a: "1"/a: "2"/'` });
      assert.equal(await k(['get', 'cm', name, '-o', 'jsonpath={.data.a}']), '2');
      assert.match(await managersOf(name, 'cm'), /kubectl-edit\/Update/);
    });
  });
}

test('fields – that the cluster writes itself – are owned under the names that upstream has', async () => {
  const { metadata } = await cluster.client.get(leases, { namespace: 'kube-system', name: 'kube-scheduler' });
  const managers = (metadata.managedFields ?? []).map(({ manager }) => manager);
  assert.deepEqual(managers, ['kube-scheduler']);
});
