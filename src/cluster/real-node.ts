/**
 * The one real node of a cluster on this machine: its network before anything else, then containerd, then kubelet,
 * service proxy and DNS.
 */

import { addressAt, formatCidr, parseCidr } from '#base/cidr.ts';
import type { Env } from '#base/env.ts';
import { ensureBridge } from '#host/bridge.ts';
import type { ClusterPaths } from '#host/cluster-home.ts';
import type { TableFrame } from '#network/nft-script.ts';
import { installFrame } from '#network/service-proxy.ts';
import type { ControlPlane } from './control-plane.ts';
import type { Parts } from './parts.ts';

export interface RealNode {
  readonly paths: ClusterPaths;
  readonly bridge: string;
  readonly table: string;
  readonly podRange: string;
  readonly serviceRange: string;
}

export class RealNodeParts {
  readonly #node: RealNode;
  constructor(node: RealNode, _env: Env, _parts: Parts) {
    this.#node = node;
  }
  get address(): string {
    return addressAt(parseCidr(this.#node.podRange), 1);
  }
  async prepareNetwork(): Promise<void> {
    const { bridge, table, podRange, serviceRange } = this.#node;
    const frame: TableFrame = { name: table, bridge, podRange, serviceRange };
    await ensureBridge({
      name: bridge,
      address: `${this.address}/24`,
      routes: [formatCidr(parseCidr(podRange)), serviceRange],
      mtu: 1500,
    });
    await installFrame(frame);
  }
  async startRuntime(): Promise<void> {
    throw new Error('no kubelet yet');
  }
  async startNode(_plane: ControlPlane): Promise<void> {}
  async dnsAnswers(_limitMs: number): Promise<void> {}
}
