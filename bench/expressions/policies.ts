/**
 * What admission policies cost a create: the main thread's time for one ConfigMap with 1 and with 20
 * ValidatingAdmissionPolicies that look at it. The ceiling is the create without policies, in the same run.
 */

import {
  configMaps,
  namespaces,
  validatingAdmissionPolicies,
  validatingAdmissionPolicyBindings,
} from '#api/generated/kinds.gen.ts';
import { startKubeApiServer } from '#apiserver/server/kube-api-server.ts';
import type { Client } from '#client/client.ts';
import { createClient } from '#client/rest/client.ts';
import { systemEnv } from '#host/system-env.ts';
import { ensurePki, memoryPkiStore } from '#pki/pki.ts';
import { openMemoryStore } from '#store/memory/store.ts';
import type { BenchRow } from '../row.ts';

const creates = 3000;

export async function policiesBench(): Promise<BenchRow[]> {
  const env = systemEnv();
  const store = openMemoryStore(env);
  const pki = await ensurePki({ ...env, store: memoryPkiStore() });
  const server = await startKubeApiServer({ env, store, pki, advertiseAddress: '192.0.2.1' });
  const client = createClient(server.transport({ name: 'admin', groups: ['system:masters'] }));
  await client.create(namespaces, { metadata: { name: 'measured' } });
  await microseconds(client);
  const without = await microseconds(client);
  const rows: BenchRow[] = [];
  let policies = 0;
  for (const count of [1, 20]) {
    while (policies < count) await addPolicy(client, `policy-${policies++}`);
    await untilApplied(client);
    const cost = await microseconds(client);
    rows.push({
      what: `create of a ConfigMap, ${count} admission ${count === 1 ? 'policy' : 'policies'}, main thread`,
      value: `${cost} µs`,
      ceiling: `${without} µs`,
      ratio: without / cost,
    });
  }
  await server.stop();
  await store.close();
  return rows;
}

async function addPolicy(client: Client, name: string): Promise<void> {
  await client.create(validatingAdmissionPolicies, {
    metadata: { name },
    spec: {
      matchConstraints: {
        resourceRules: [
          { apiGroups: [''], apiVersions: ['v1'], operations: ['CREATE'], resources: ['configmaps'] },
        ],
      },
      validations: [
        { expression: "object.data.all(key, key.size() < 64 && object.data[key] != 'refused')" },
        { expression: '!has(object.metadata.labels) || object.metadata.labels.size() < 16' },
      ],
    },
  });
  await client.create(validatingAdmissionPolicyBindings, {
    metadata: { name },
    spec: { policyName: name, validationActions: ['Deny'] },
  });
}

/** Resolves when the newest policy refuses what it has to. */
async function untilApplied(client: Client): Promise<void> {
  for (let tries = 0; tries < 1000; tries++) {
    const refused = { metadata: { name: 'refused', namespace: 'measured' }, data: { a: 'refused' } };
    const isTaken = await client.create(configMaps, refused, { dryRun: true }).then(
      () => true,
      () => false,
    );
    if (!isTaken) return;
  }
  throw new Error('the policies do not apply');
}

let made = 0;

/** Of the main thread, for one create. */
async function microseconds(client: Client): Promise<number> {
  const before = process.threadCpuUsage();
  for (let i = 0; i < creates; i++) {
    const metadata = { name: `m-${made++}`, namespace: 'measured' };
    await client.create(configMaps, { metadata, data: { a: '1', b: '2', c: '3' } });
  }
  const { user, system } = process.threadCpuUsage(before);
  return Math.round((user + system) / creates);
}
