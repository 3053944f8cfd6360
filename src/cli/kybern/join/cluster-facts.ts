/** What a joining machine has to know of a cluster, read with its token from where kubeadm keeps it. */

import { configMaps, nodes } from '#api/generated/kinds.gen.ts';
import { StatusError } from '#api/meta/status.ts';
import { isNodeReady } from '#api/nodes/state.ts';
import type { Client } from '#client/client.ts';
import { createClient } from '#client/rest/client.ts';
import { httpsTransport } from '#client/transport/https.ts';
import { isJsonObject, type JsonObject } from '#wire/json/value.ts';
import { readYaml } from '#wire/yaml/read.ts';
import { Problem } from '../../shared/problem.ts';

export interface ClusterFacts {
  readonly clusterName: string;
  readonly podRange: string;
  readonly serviceRange: string;
  /** A KubeletConfiguration, without what the node's own process sees to. */
  readonly kubelet: JsonObject;
}

interface Asked {
  readonly server: string;
  readonly caPem: string;
  readonly token: string;
  readonly nodeName: string;
}

/** Of a kubelet that gets its certificates and its DNS otherwise. */
const ownFields = ['clusterDNS', 'clusterDomain', 'rotateCertificates', 'serverTLSBootstrap'];

/** Throws a `Problem` where the node's name is taken by a Node that is Ready. */
export async function readCluster({ server, caPem: ca, token, nodeName }: Asked): Promise<ClusterFacts> {
  const transport = httpsTransport({ server, ca, token });
  try {
    const client = createClient(transport, { userAgent: 'kybern' });
    await mustBeFree(client, nodeName);
    const cluster = await documentOf(client, 'kubeadm-config', 'ClusterConfiguration');
    const kubelet = await documentOf(client, 'kubelet-config', 'kubelet');
    const { podSubnet, serviceSubnet } = isJsonObject(cluster['networking']) ? cluster['networking'] : {};
    if (typeof podSubnet !== 'string' || typeof serviceSubnet !== 'string') {
      throw new Problem(
        'the cluster does not say its ranges of pods and services',
        'see podSubnet and serviceSubnet of ConfigMap kubeadm-config in kube-system',
      );
    }
    const fields = Object.entries(kubelet).filter(([field]) => !ownFields.includes(field));
    const { clusterName } = cluster;
    return {
      clusterName: typeof clusterName === 'string' ? clusterName : 'kubernetes',
      podRange: podSubnet,
      serviceRange: serviceSubnet,
      kubelet: Object.fromEntries(fields),
    };
  } finally {
    await transport.close();
  }
}

/** As kubeadm: a Node of that name which is not Ready is that of a machine which comes back. */
async function mustBeFree(client: Client, name: string): Promise<void> {
  try {
    if (!isNodeReady(await client.get(nodes, { name }))) return;
  } catch (error) {
    if (error instanceof StatusError && error.reason === 'NotFound') return;
    throw error;
  }
  throw new Problem(
    `the cluster has a node ${name} already, and it is Ready`,
    'join under another name, --node-name NAME, or delete that node first',
  );
}

async function documentOf(client: Client, name: string, key: string): Promise<JsonObject> {
  const { data } = await client.get(configMaps, { namespace: 'kube-system', name });
  const { value } = readYaml(data?.[key] ?? '');
  return isJsonObject(value) ? value : {};
}
