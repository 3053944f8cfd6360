/**
 * The CNI network that every pod sandbox joins: the distribution's bridge and host-local plugins on kybern's
 * bridge.
 */

export interface CniOptions {
  readonly bridge: string;
  /** Pod ranges of this node, one for each address family: `10.244.0.0/24`. */
  readonly podCidrs: readonly string[];
  readonly mtu: number;
  /** Where host-local keeps its leases; removed with the cluster. */
  readonly leaseDir: string;
}

/** The text of `10-kybern.conflist`. */
export function cniConfig(options: CniOptions): string {
  const config = {
    cniVersion: '0.4.0',
    name: options.bridge,
    plugins: [
      {
        type: 'bridge',
        bridge: options.bridge,
        // The bridge has the gateway's address before its first pod comes.
        isGateway: false,
        hairpinMode: true,
        // The service table masquerades and maps host ports: the plugins would use iptables, rule by rule.
        ipMasq: false,
        mtu: options.mtu,
        ipam: {
          type: 'host-local',
          ranges: options.podCidrs.map((subnet) => [{ subnet }]),
          routes: options.podCidrs.map((range) => ({ dst: range.includes(':') ? '::/0' : '0.0.0.0/0' })),
          dataDir: options.leaseDir,
        },
      },
    ],
  };
  return `${JSON.stringify(config, null, 2)}\n`;
}
