/** Validation of a container's own restartPolicy and restartPolicyRules. */

import type { Container, ContainerRestartRule } from '../../../../generated/types.gen.ts';
import { checkOneOfIfGiven } from '../../../../validation/field-checks.ts';
import { type FieldError, notSupported, required, tooMany } from '../../../../validation/field-error.ts';

const policies = ['Always', 'Never', 'OnFailure'];
const actions = ['Restart', 'RestartAllContainers'];
const operators = ['In', 'NotIn'];
const rulesMax = 20;
const exitCodesMax = 255;

/** Of an init container without a policy no rules are checked. */
export function validateInitRestart(container: Container, path: string): FieldError[] {
  if (container.restartPolicy !== undefined) return validateContainerRestart(container, path);
  return container.restartPolicyRules?.length ? [policyMissing(path)] : [];
}

const policyMissing = (path: string) =>
  required(`${path}.restartPolicy`, 'must specify restartPolicy when restart rules are used');

export function validateContainerRestart(container: Container, path: string): FieldError[] {
  const { restartPolicy: policy, restartPolicyRules: rules = [] } = container;
  const errors = checkOneOfIfGiven(`${path}.restartPolicy`, policy, policies);
  if (policy === undefined && rules.length > 0) errors.push(policyMissing(path));
  const at = `${path}.restartPolicyRules`;
  if (rules.length > rulesMax) errors.push(tooMany(at, rules.length, rulesMax));
  for (const [i, rule] of rules.entries()) errors.push(...validateRule(rule, `${at}[${i}]`));
  return errors;
}

function validateRule({ action, exitCodes }: ContainerRestartRule, path: string): FieldError[] {
  const errors: FieldError[] = [];
  if (!actions.includes(action)) errors.push(notSupported(`${path}.action`, action ?? '', actions));
  const at = `${path}.exitCodes`;
  if (!exitCodes) return [...errors, required(at, 'must be specified')];
  const { operator, values = [] } = exitCodes;
  if (!operators.includes(operator)) errors.push(notSupported(`${at}.operator`, operator ?? '', operators));
  if (values.length > exitCodesMax) errors.push(tooMany(`${at}.values`, values.length, exitCodesMax));
  return errors;
}
