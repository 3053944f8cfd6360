/** The text of a CDI specification as a specification that is valid. */

import { readYaml } from '#wire/yaml/read.ts';
import { specFrom } from './shape.ts';
import type { CdiSpec } from './spec.ts';
import { validateSpec } from './validate.ts';

/** JSON or YAML. Throws with what is wrong with it. */
export function readSpec(text: string): CdiSpec {
  const { value } = readYaml(text);
  if (value === null) throw new Error('no Spec data');
  const spec = specFrom(value);
  validateSpec(spec);
  return spec;
}
