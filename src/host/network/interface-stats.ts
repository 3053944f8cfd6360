/** What the network interfaces of a process's network namespace have carried, by the kernel's counters. */

import { readFile } from 'node:fs/promises';

export interface InterfaceStats {
  readonly name: string;
  readonly receivedBytes: number;
  readonly receivedPackets: number;
  readonly receiveErrors: number;
  readonly receiveDropped: number;
  readonly sentBytes: number;
  readonly sentPackets: number;
  readonly sendErrors: number;
  readonly sendDropped: number;
}

/** Without the loopback. Undefined when the process has ended. */
export async function interfaceStats(pid: number | 'self'): Promise<InterfaceStats[] | undefined> {
  try {
    return readInterfaces(await readFile(`/proc/${pid}/net/dev`, 'latin1'));
  } catch {
    return undefined;
  }
}

/** Two lines of headings, then one for each interface. */
export function readInterfaces(text: string): InterfaceStats[] {
  return text
    .split('\n')
    .slice(2)
    .flatMap((line) => {
      const [name = '', rest = ''] = line.split(/:(.*)/s).map((part) => part.trim());
      if (name === '' || name === 'lo') return [];
      const n = rest.split(/\s+/).map(Number);
      return [
        {
          name,
          receivedBytes: n[0] ?? 0,
          receivedPackets: n[1] ?? 0,
          receiveErrors: n[2] ?? 0,
          receiveDropped: n[3] ?? 0,
          sentBytes: n[8] ?? 0,
          sentPackets: n[9] ?? 0,
          sendErrors: n[10] ?? 0,
          sendDropped: n[11] ?? 0,
        },
      ];
    });
}
