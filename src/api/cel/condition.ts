/** Compiles an expression of a policy, and checks the type of its result. */

import { compile, isProgram } from './compile.ts';
import type { CelEnvironment, CelProgram } from './contract.ts';
import { type CelType, formatType, isSameType } from './types/type.ts';

export interface Condition {
  readonly expression: string;
  /** The program, or the error of the compilation. */
  readonly program: CelProgram | string;
  /** The checker accepted the expression, but it could not be planned. */
  readonly isInternal?: true;
}

export function compileCondition(
  expression: string,
  environment: CelEnvironment,
  results: readonly CelType[],
): Condition {
  const compilation = compile(expression, environment);
  if (!isProgram(compilation)) {
    const { issues, text } = compilation;
    if (issues.length === 0) return { expression, program: text, isInternal: true };
    return { expression, program: `compilation failed: ${text}` };
  }
  const { outputType } = compilation;
  if (results.some((type) => isSameType(type, outputType))) return { expression, program: compilation };
  const [first] = results;
  const wanted = results.length === 1 ? shown(first!) : `one of [${results.map(shown).join(' ')}]`;
  return { expression, program: `must evaluate to ${wanted} but got ${shown(outputType)}` };
}

/** Go's name of a type, which for null is another than in the errors of CEL. */
const shown = (type: CelType) => (type.kind === 'null_type' ? type.name : formatType(type));
