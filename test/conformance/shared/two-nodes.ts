/** A place for behaviours that one node cannot prove: a simulated node beside the real one. */

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { namespaces, nodes } from '#api/generated/kinds.gen.ts';
import { adminTransport } from '#cli/shared/admin-transport.ts';
import { startTestCluster } from '../../support/cluster.ts';
import { addNginx } from '../../support/images.ts';
import { type BehaviourContext, images } from '../behaviour.ts';
import { contextOf } from '../run-behaviour.ts';

/**
 * The same context when its cluster has several nodes, otherwise one in another cluster that goes with the
 * behaviour.
 */
export async function withTwoNodes(context: BehaviourContext): Promise<BehaviourContext> {
  const { client, namespace } = context;
  const { items } = await client.list(nodes);
  if (items.length > 1) return context;
  const name = 'two-nodes';
  const cluster = await startTestCluster(['--simulated', '1'], name);
  context.after(() => cluster.dispose());
  const kubeconfig = readFileSync(join(cluster.home, `clusters/${name}/admin.kubeconfig`), 'utf8');
  const admin = adminTransport(kubeconfig);
  context.after(() => admin.close());
  await addNginx(cluster, images.nginx, 'one\n');
  await admin.client.create(namespaces, { metadata: { name: namespace } });
  return contextOf(cluster, admin.client, namespace, context.after);
}
