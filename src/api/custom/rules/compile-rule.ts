/** Compiles a rule of x-kubernetes-validations. */

import { compile, isProgram } from '../../cel/compile.ts';
import type { CelProgram } from '../../cel/contract.ts';
import { ruleEnvironment } from '../../cel/environments/rule.ts';
import type { CelType } from '../../cel/types/type.ts';
import type { ValidationRule } from '../../generated/types.gen.ts';

export interface CompiledRule {
  readonly rule: ValidationRule;
  readonly program?: CelProgram;
  /** Why the rule does not compile. */
  readonly problem?: string;
  readonly message?: CelProgram;
  readonly messageProblem?: string;
  readonly readsOldSelf: boolean;
}

export function compileRule(rule: ValidationRule, type: CelType): CompiledRule {
  const environment = ruleEnvironment(type, { hasOptionalOldSelf: rule.optionalOldSelf === true });
  const program = compile(rule.rule, environment);
  if (!isProgram(program)) {
    return { rule, problem: `compilation failed: ${program.text}`, readsOldSelf: false };
  }
  if (program.outputType.kind !== 'bool') {
    return { rule, problem: 'cel expression must evaluate to a bool', readsOldSelf: false };
  }
  const compiled = { rule, program, readsOldSelf: program.variablesRead.has('oldSelf') };
  if (!rule.messageExpression) return compiled;
  const message = compile(rule.messageExpression, environment);
  if (!isProgram(message)) {
    return { ...compiled, messageProblem: `messageExpression compilation failed: ${message.text}` };
  }
  if (message.outputType.kind !== 'string') {
    return { ...compiled, messageProblem: 'messageExpression must evaluate to a string' };
  }
  return { ...compiled, message };
}
