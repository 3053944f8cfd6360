/** Which objects HAProxy's complaint about a configuration is about, found by the lines it names. */

import type { ConfigText } from '../haproxy/config-text.ts';
import type { Owner } from '../model/model.ts';

/** An object that the proxy cannot serve, with what the program says of it. */
export interface Rejection {
  readonly owner: Owner;
  readonly message: string;
}

const complaintLine = /\[ALERT\].*?parsing \[haproxy\.cfg:(\d+)\]\s*:?\s*(.*)/g;
/** Faults in a file are said of the line that names the file. */
const fileLine = /^(.*) at line (\d+) of file '([^']+)'/;

export function faultsIn(complaint: string, config: Pick<ConfigText, 'ownerOf'>): Rejection[] {
  const byOwner = new Map<Owner, string>();
  for (const [, number, message = ''] of complaint.matchAll(complaintLine)) {
    const inFile = fileLine.exec(message);
    const owner = inFile ? config.ownerOf(Number(inFile[2]), inFile[3]) : config.ownerOf(Number(number));
    if (owner && !byOwner.has(owner)) byOwner.set(owner, inFile?.[1]?.split(' : ').at(-1) ?? message);
  }
  return [...byOwner].map(([owner, message]) => ({ owner, message }));
}
