/** The policy table in the kernel: nft scripts are run in one transaction each, counters read back. */

import { command, tryCommand } from '#host/processes/command.ts';

export interface PolicyKernel {
  /** Rejects with the kernel's reason; the table is then as before. */
  run(script: string): Promise<void>;
  /** Packets by name of the counter; none without a table. */
  packets(table: string): Promise<Map<string, number>>;
}

interface CounterList {
  readonly nftables: readonly { readonly counter?: { readonly name: string; readonly packets: number } }[];
}

export const nftKernel: PolicyKernel = {
  async run(script) {
    await command('nft', ['-f', '-'], { input: script });
  },
  async packets(table) {
    const result = await tryCommand('nft', ['-j', 'list', 'counters', 'table', 'inet', table]);
    return result.code === 0 ? packetsIn(result.stdout) : new Map();
  },
};

/** Of `nft -j list counters`. */
export function packetsIn(json: string): Map<string, number> {
  const { nftables } = JSON.parse(json) as CounterList;
  return new Map(nftables.flatMap(({ counter }) => (counter ? [[counter.name, counter.packets]] : [])));
}
