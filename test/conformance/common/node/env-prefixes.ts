/** The names that envFrom may make of a prefix and a key: anything printable but an equals sign. */

import assert from 'node:assert/strict';
import type { EnvFromSource } from '#api/generated/types.gen.ts';
import type { BehaviourContext } from '../../behaviour.ts';
import { podOf, runToEnd } from '../running.ts';

const prefixes = ['p_', '1-', '$_', 'a.b:', '#@!', 'x y'];

export async function provesPrefixes(
  context: BehaviourContext,
  source: EnvFromSource,
  key: string,
  value: string,
): Promise<void> {
  const envFrom = prefixes.map((prefix) => ({ ...source, prefix }));
  const printed = await runToEnd(context, podOf(context, 'prefixed', { command: ['env'], envFrom }));
  for (const prefix of prefixes) {
    assert.ok(
      printed.split('\n').includes(`${prefix}${key}=${value}`),
      `"${prefix}" is missing in ${printed}`,
    );
  }
}
