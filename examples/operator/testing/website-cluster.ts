/**
 * What every test here starts with: a cluster with the manifests of this folder, and operators in it, each under its
 * own ServiceAccount with the rights of the manifests.
 */

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import {
  CoordinationV1Api,
  CoreV1Api,
  KubeConfig,
  type KubernetesObject,
  KubernetesObjectApi,
  loadAllYaml,
  PatchStrategy,
} from '@kubernetes/client-node';
import { startCluster, type TestCluster } from 'kybern/testing';
import { apiVersion, kind, type Website, type WebsiteSpec } from '../api/v1.ts';
import { readyCondition } from '../controller/status.ts';
import { type Operator, startOperator } from '../operator.ts';

export const namespace = 'website-system';
const account = 'website-operator';

export interface WebsiteCluster {
  readonly cluster: TestCluster;
  /** With all rights. */
  readonly config: KubeConfig;
  readonly objects: KubernetesObjectApi;
  readonly core: CoreV1Api;
  /** One more replica; its webhooks are the ones that the API server asks. It is stopped with the test. */
  startOperator(identity?: string): Promise<Operator>;
  createWebsite(name: string, spec?: Partial<WebsiteSpec>, namespace?: string): Promise<Website>;
  website(name: string): Promise<Website>;
  /** Resolves when `name` is ready. */
  ready(name: string): Promise<Website>;
  /** Resolves with what `found` finds as soon as it finds something. */
  eventually<T>(found: () => Promise<T | undefined | false>): Promise<T>;
  /** The identity of the replica that leads; undefined where none does. */
  leader(): Promise<string | undefined>;
}

/** Its nodes are simulated: containers of any image start at once, and nothing is pulled. */
export async function startWebsiteCluster(t: TestContext): Promise<WebsiteCluster> {
  const cluster = await startCluster({ simulatedNodes: 1 });
  const operators: Operator[] = [];
  t.after(async () => {
    await Promise.all(operators.map((operator) => operator.stop()));
    await cluster.stop();
  });
  const config = configOf(cluster.kubeconfig);
  const objects = KubernetesObjectApi.makeApiClient(config);
  for (const file of ['rights', 'definition', 'webhooks']) await applyManifest(objects, `${file}.yaml`);
  const eventually = async <T>(found: () => Promise<T | undefined | false>): Promise<T> => {
    const wait = { interval: 10, timeout: 60_000 };
    return (await t.waitFor(async () => (await found()) || Promise.reject(new Error('not yet')), wait)) as T;
  };
  const website = (name: string) =>
    objects.read<Website>({ apiVersion, kind, metadata: { name, namespace: 'default' } });
  return {
    ...{ cluster, config, objects, eventually, website },
    core: config.makeApiClient(CoreV1Api),
    async startOperator(identity = 'operator') {
      const operator = await startOperator({
        config: await accountConfig(config),
        ...{ namespace, identity },
        webhooks: { host: '127.0.0.1', port: 0 },
        defaults: { image: 'nginx:1.29', domain: 'sites.example.com' },
        clock: cluster.clock,
        log: (line) => t.diagnostic(line),
      });
      operators.push(operator);
      return operator;
    },
    createWebsite(name, spec = {}, inNamespace = 'default') {
      const object = { apiVersion, kind, metadata: { name, namespace: inNamespace }, spec };
      return objects.create(object as Website);
    },
    ready: (name) =>
      eventually(async () => {
        const found = await website(name);
        return readyCondition(found.status)?.status === 'True' && found;
      }),
    async leader() {
      const lease = { name: 'website-operator', namespace };
      const found = await config
        .makeApiClient(CoordinationV1Api)
        .readNamespacedLease(lease)
        .catch(() => {});
      return found?.spec?.holderIdentity || undefined;
    },
  };
}

function configOf(kubeconfig: string): KubeConfig {
  const config = new KubeConfig();
  config.loadFromString(kubeconfig);
  return config;
}

/** As a pod of the operator has it: the ServiceAccount's token instead of the administrator's certificate. */
async function accountConfig(admin: KubeConfig): Promise<KubeConfig> {
  const request = { name: account, namespace, body: { spec: { audiences: [] } } };
  const { status } = await admin.makeApiClient(CoreV1Api).createNamespacedServiceAccountToken(request);
  const config = new KubeConfig();
  const cluster = admin.getCurrentCluster()!;
  config.loadFromClusterAndUser(cluster, { name: account, token: status!.token });
  return config;
}

/** As `kubectl apply --server-side -f` does it. */
export async function applyManifest(objects: KubernetesObjectApi, file: string): Promise<void> {
  const path = join(import.meta.dirname, '../manifests', file);
  for (const object of loadAllYaml(readFileSync(path, 'utf8')) as KubernetesObject[]) {
    await objects.patch(object, undefined, undefined, 'kubectl', true, PatchStrategy.ServerSideApply);
  }
}
