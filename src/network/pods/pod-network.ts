/**
 * The network of one node's pods: the bridge is their gateway, and the CNI configuration hands out addresses
 * from the range that the API assigned to the node. The runtime reports the network as not ready until there
 * is a configuration.
 */

import { addressIn, parseAddressRange } from '#api/values/address-range.ts';
import { ensureDirectory, readStart } from '#host/files/files.ts';
import { removeAll } from '#host/files/remove-all.ts';
import { writeWholeFileLater } from '#host/files/whole-file.ts';
import { addAddress, setMtu } from '#host/network/bridge.ts';
import { type CniOptions, cniConfig } from './cni-config.ts';

export interface PodNetworkOptions extends Omit<CniOptions, 'podCidrs'> {
  /** Where the runtime looks for configurations. */
  readonly confDir: string;
}

const configBytesMax = 64 * 1024;

export class BridgedPods {
  readonly #options: PodNetworkOptions;
  #mtu: number;
  #podCidrs: readonly string[] = [];

  constructor(options: PodNetworkOptions) {
    this.#options = options;
    this.#mtu = options.mtu;
  }

  /** Empty: the node has no range yet. */
  async use(podCidrs: readonly string[]): Promise<void> {
    this.#podCidrs = podCidrs;
    const { confDir, bridge } = this.#options;
    const path = `${confDir}/10-kybern.conflist`;
    if (podCidrs.length === 0) return removeAll(path);
    for (const podCidr of podCidrs) await addAddress(bridge, gatewayOf(podCidr));
    const config = cniConfig({ ...this.#options, mtu: this.#mtu, podCidrs });
    // The runtime loads a file whenever it changes: pods would wait for nothing.
    if ((await readStart(path, configBytesMax)) === config) return;
    await ensureDirectory(confDir, 0o700);
    await writeWholeFileLater(path, config);
  }

  /** For pods that start from now on; those that run learn from the node's kernel what a path carries. */
  async useMtu(mtu: number): Promise<void> {
    if (mtu === this.#mtu) return;
    this.#mtu = mtu;
    // The bridge drops what is larger than the port of a pod takes.
    await setMtu(this.#options.bridge, mtu);
    if (this.#podCidrs.length > 0) await this.use(this.#podCidrs);
  }
}

/** The first address of the range, with its prefix length. */
function gatewayOf(podCidr: string): string {
  const range = parseAddressRange(podCidr);
  if (!range) throw new Error(`not a range of pods: ${podCidr}`);
  return `${addressIn(range, 1)}/${range.prefixBits}`;
}
