/** For tests: the pods of a node among the objects of a reader. */

import { pods } from '#api/generated/kinds.gen.ts';
import type { NodePods } from '../authz/node/pods.ts';
import type { ObjectReader } from '../contract/stored-objects.ts';
import { readObjects } from '../contract/typed-reader.ts';

export function podsIn(reader: ObjectReader): NodePods {
  return { of: (node) => readObjects(reader, pods).filter(({ spec }) => spec?.nodeName === node) };
}
