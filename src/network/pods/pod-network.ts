/**
 * The network of one node's pods: the bridge is their gateway, and the CNI configuration hands out addresses
 * from the range that the API assigned to the node. The runtime reports the network as not ready until there
 * is a configuration.
 */

import { addressAt, parseCidr } from '#base/net/cidr.ts';
import { ensureDirectory, readStart } from '#host/files/files.ts';
import { removeAll } from '#host/files/remove-all.ts';
import { writeWholeFileLater } from '#host/files/whole-file.ts';
import { addAddress } from '#host/network/bridge.ts';
import { type CniOptions, cniConfig } from './cni-config.ts';

export interface PodNetworkOptions extends Omit<CniOptions, 'podCidr'> {
  /** Where the runtime looks for configurations. */
  readonly confDir: string;
}

const configBytesMax = 64 * 1024;

export class BridgedPods {
  readonly #options: PodNetworkOptions;
  #mtu: number;
  #podCidr: string | undefined;

  constructor(options: PodNetworkOptions) {
    this.#options = options;
    this.#mtu = options.mtu;
  }

  /** Undefined: the node has no range yet. */
  async use(podCidr: string | undefined): Promise<void> {
    this.#podCidr = podCidr;
    const { confDir, bridge } = this.#options;
    const path = `${confDir}/10-kybern.conflist`;
    if (!podCidr) return removeAll(path);
    const range = parseCidr(podCidr);
    await addAddress(bridge, `${addressAt(range, 1)}/${range.bits}`);
    const config = cniConfig({ ...this.#options, mtu: this.#mtu, podCidr });
    // The runtime loads a file whenever it changes: pods would wait for nothing.
    if ((await readStart(path, configBytesMax)) === config) return;
    await ensureDirectory(confDir, 0o700);
    await writeWholeFileLater(path, config);
  }

  /** For pods that start from now on; those that run learn from the node's kernel what a path carries. */
  async useMtu(mtu: number): Promise<void> {
    if (mtu === this.#mtu) return;
    this.#mtu = mtu;
    if (this.#podCidr) await this.use(this.#podCidr);
  }
}
