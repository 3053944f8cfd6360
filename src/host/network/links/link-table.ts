/**
 * The nft table of a cluster's link in the machine's namespace: what nodes send beyond the machine is masqueraded, and
 * nothing with an address of the cluster leaves it.
 */

import { command, tryCommand } from '../../processes/command.ts';

export interface LinkTable {
  readonly name: string;
  /** Devices of the cluster: between them nothing is changed. */
  readonly devices: readonly string[];
  readonly linkRange: string;
}

/** Replaces the table, in one transaction. */
export async function ensureLinkTable(table: LinkTable): Promise<void> {
  await command('nft', ['-f', '-'], { input: linkTableScript(table) });
}

export async function deleteLinkTable(name: string): Promise<void> {
  await tryCommand('nft', ['delete', 'table', 'ip', name]);
}

/** The guard runs after all translation of addresses: what still has an address of the link then would be lost. */
export function linkTableScript({ name, devices, linkRange }: LinkTable): string {
  const own = `{ ${[...devices, 'lo'].map((device) => `"${device}"`).join(', ')} }`;
  return `
table ip ${name}
delete table ip ${name}
table ip ${name} {
  chain nat_postrouting {
    type nat hook postrouting priority srcnat; policy accept;
    ip saddr ${linkRange} ip daddr != ${linkRange} oifname != ${own} masquerade
  }
  chain leaks {
    type filter hook postrouting priority 200; policy accept;
    ip daddr ${linkRange} oifname != ${own} drop
    ip saddr ${linkRange} oifname != ${own} drop
  }
}
`;
}
