/** Labels and taints as kubectl writes them. The API checks the rest. */

import type { NodeTaint } from '#host/home/node-record.ts';
import { Problem } from '../../shared/problem.ts';

const effects = ['NoSchedule', 'PreferNoSchedule', 'NoExecute'];

/** `disk=ssd`, `disk=`. */
export function readLabel(text: string): [key: string, value: string] {
  const at = text.indexOf('=');
  if (at > 0) return [text.slice(0, at), text.slice(at + 1)];
  throw new Problem(`"${text}" is no label`, 'try: --labels disk=ssd,zone=a');
}

/** `key=value:Effect`, `key:Effect`. */
export function readTaint(text: string): NodeTaint {
  const match = /^([^=:]+)(?:=([^=:]*))?:([A-Za-z]+)$/.exec(text);
  const [, key = '', value, effect = ''] = match ?? [];
  if (match && effects.includes(effect)) return { key, ...(value === undefined ? {} : { value }), effect };
  throw new Problem(
    `"${text}" is no taint`,
    `try: --taints dedicated=db:NoSchedule; effects: ${effects.join(', ')}`,
  );
}
