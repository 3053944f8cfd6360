/** Reads `up --encrypt`: resources, with their groups, separated by commas. */

import * as resourceTypes from '#api/generated/kinds.gen.ts';
import { groupResource } from '#api/meta/resource.ts';
import { nearest } from '#base/text/nearest.ts';
import { Problem } from '../../shared/problem.ts';

/** Throws for a resource that no cluster has; custom resources have a group with a dot in it. */
export function encryptedResources(text: string): readonly string[] {
  const builtIn = Object.values(resourceTypes);
  const known = builtIn.map(groupResource);
  const groups = new Set<string>(builtIn.map(({ group }) => group));
  const names = text.split(',').map((name) => name.trim());
  for (const name of names) {
    const group = name.slice(name.indexOf('.') + 1);
    const isCustom = /^[a-z0-9-]+\.[a-z0-9-]+\./.test(name) && !groups.has(group);
    if (isCustom || known.includes(name)) continue;
    const near = nearest(name, known);
    const hint = near ? `the nearest known one is ${near}` : 'try: --encrypt secrets,configmaps';
    throw new Problem(`--encrypt: there is no resource ${JSON.stringify(name)}`, hint);
  }
  return [...new Set(names)];
}
