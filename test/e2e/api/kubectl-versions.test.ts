/**
 * What people do with kubectl all day, with every stock kubectl that the machine has, on a cluster whose pods
 * are simulated; apply, diff and edit have `apply.test.ts`, exec and the like `streams.test.ts`.
 */

import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { type Cluster, startCluster } from '#cluster/cluster.ts';
import { tryKubectl } from '../../support/cluster.ts';
import { kubectlPrograms } from '../../support/programs.ts';

const home = mkdtempSync(join(tmpdir(), 'kybern-kubectl-'));
const env = { ...process.env, HOME: home, KUBECONFIG: join(home, 'kubeconfig') };
let cluster: Cluster;

before(async () => {
  cluster = await startCluster({ name: 'kubectl', simulatedNodes: 1 });
  writeFileSync(env.KUBECONFIG, cluster.kubeconfig);
});
after(async () => {
  await cluster?.stop();
  rmSync(home, { recursive: true, force: true });
});

const property = (type: string) => ({ type, description: `A ${type}.` });
const definition = (group: string) => ({
  apiVersion: 'apiextensions.k8s.io/v1',
  kind: 'CustomResourceDefinition',
  metadata: { name: `boats.${group}` },
  spec: {
    group,
    scope: 'Namespaced',
    names: { plural: 'boats', singular: 'boat', kind: 'Boat' },
    versions: [
      {
        name: 'v1',
        served: true,
        storage: true,
        subresources: {
          status: {},
          scale: { specReplicasPath: '.spec.oars', statusReplicasPath: '.status.oars' },
        },
        schema: {
          openAPIV3Schema: {
            type: 'object',
            properties: {
              spec: { type: 'object', properties: { oars: property('integer') } },
              status: { type: 'object', properties: { oars: property('integer') } },
            },
          },
        },
      },
    ],
  },
});

for (const program of kubectlPrograms()) {
  const version = basename(program);
  const namespace = version.replaceAll('.', '-');
  const attempt = (args: readonly string[], input?: string) =>
    tryKubectl({ env }, ['--namespace', namespace, ...args], input, program);
  const k = async (...args: string[]) => {
    const { code, stdout, stderr } = await attempt(args);
    assert.equal(code, 0, `${args.join(' ')}: ${stderr}`);
    return stdout;
  };
  const fails = async (...args: string[]) => {
    const { code, stderr } = await attempt(args);
    assert.notEqual(code, 0, args.join(' '));
    return stderr;
  };

  describe(version, { concurrency: false }, () => {
    before(() => k('create', 'namespace', namespace));

    test('a deployment – created, scaled, changed, undone, restarted – is rolled out each time', async () => {
      await k('create', 'deployment', 'web', '--image=a', '--replicas=2');
      await k('rollout', 'status', 'deployment/web', '--timeout=60s');
      await k('scale', 'deployment/web', '--replicas=1');
      await k('wait', 'deployment/web', '--for=jsonpath={.status.readyReplicas}=1', '--timeout=60s');
      await k('set', 'image', 'deployment/web', 'a=b');
      await k('rollout', 'status', 'deployment/web', '--timeout=60s');
      assert.match(await k('rollout', 'history', 'deployment/web'), /^1 .*\n2 /m);
      await k('rollout', 'undo', 'deployment/web');
      await k('rollout', 'restart', 'deployment/web');
      await k('rollout', 'status', 'deployment/web', '--timeout=60s');
      const image = 'jsonpath={.spec.template.spec.containers[0].image}';
      assert.equal(await k('get', 'deployment', 'web', '-o', image), 'a');
    });

    test('a scale – printed and patched – has its replicas', async () => {
      const scale = ['deployment', 'web', '--subresource=scale'];
      await k('patch', ...scale, '--type=merge', '-p', '{"spec":{"replicas":3}}');
      assert.match(await k('get', ...scale), /^NAME +DESIRED +AVAILABLE +AGE\nweb +3 /);
    });

    test('patches – strategic, merge and JSON – change labels', async () => {
      const patches = {
        strategic: { metadata: { labels: { one: '1' } } },
        merge: { metadata: { labels: { two: '2' } } },
        json: [{ op: 'add', path: '/metadata/labels/three', value: '3' }],
      };
      for (const [type, patch] of Object.entries(patches)) {
        await k('patch', 'deployment', 'web', `--type=${type}`, '-p', JSON.stringify(patch));
      }
      assert.match(await k('get', 'deployment', 'web', '--show-labels'), /app=web,one=1,three=3,two=2/);
    });

    test('a custom resource – defined – is discovered, explained, applied, scaled and watched', async () => {
      const group = `${namespace}.example.com`;
      await apply(definition(group));
      await k('wait', `crd/boats.${group}`, '--for=condition=Established', '--timeout=60s');
      assert.match(await k('api-resources', `--api-group=${group}`), /^boats +\S+\/v1 +true +Boat$/m);
      assert.match(await k('explain', 'boats.spec.oars', `--api-version=${group}/v1`), /A integer\./);
      const boat = { apiVersion: `${group}/v1`, kind: 'Boat', metadata: { name: 'argo' }, spec: { oars: 2 } };
      await apply(boat);
      await apply({ ...boat, spec: { oars: 3 } });
      await apply({ ...boat, spec: { oars: 4 } }, '--server-side', '--force-conflicts');
      await k('scale', `boats.${group}/argo`, '--replicas=6');
      await k('wait', `boats.${group}/argo`, '--for=jsonpath={.spec.oars}=6', '--timeout=60s');
      const wrong = await attempt(['apply', '-f', '-'], JSON.stringify({ ...boat, spec: { sails: 1 } }));
      assert.match(wrong.stderr, /unknown field "spec\.sails"/);
      await k('delete', 'crd', `boats.${group}`);
      assert.match(await fails('get', `boats.${group}`), /the server doesn't have a resource type "boats"/);
    });

    test('permissions – asked for a service account – follow its roles', async () => {
      await k('create', 'role', 'reader', '--verb=get,list', '--resource=pods');
      await k('create', 'rolebinding', 'reader', '--role=reader', `--serviceaccount=${namespace}:default`);
      const user = `--as=system:serviceaccount:${namespace}:default`;
      assert.equal(await k('auth', 'can-i', 'list', 'pods', user), 'yes\n');
      assert.equal((await attempt(['auth', 'can-i', 'delete', 'pods', user])).stdout, 'no\n');
      assert.match(await k('auth', 'can-i', '--list', user), /^pods +\[\] +\[\] +\[get list\]$/m);
    });

    test('use – asked for of nodes – is in a table', async () => {
      assert.match(await k('top', 'nodes'), /^NAME +CPU\(cores\) .*\n\S+ +\d+m +\d+% +\d+Mi +\d+% *\n$/);
    });

    test('what there is not – asked for – is refused in the words that scripts look for', async () => {
      assert.match(await fails('explain', 'nothing'), /the server doesn't have a resource type "nothing"/);
      assert.match(await fails('get', 'pod', 'nothing'), /\(NotFound\): pods "nothing" not found/);
      assert.match(
        await fails('create', 'role', 'reader', '--verb=get', '--resource=pods'),
        /AlreadyExists|already exists/,
      );
      assert.match(await fails('drain', 'nothing', '--ignore-daemonsets'), /nodes "nothing" not found/);
    });

    test('a deployment – deleted in the foreground – is gone with its pods', async () => {
      await k('delete', 'deployment', 'web', '--cascade=foreground', '--timeout=60s');
      assert.equal(await k('get', 'replicasets,pods', '-l', 'app=web', '-o', 'name'), '');
    });

    async function apply(object: object, ...args: string[]): Promise<void> {
      const { code, stderr } = await attempt(['apply', '-f', '-', ...args], JSON.stringify(object));
      assert.equal(code, 0, stderr);
    }
  });
}
