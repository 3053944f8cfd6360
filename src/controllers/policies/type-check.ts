/** What is wrong with the expressions of a policy when they are checked with the types of the kinds that it matches. */

import { compile, isProgram } from '#api/cel/compile.ts';
import { Composition } from '#api/cel/composition.ts';
import { admissionEnvironment } from '#api/cel/environments/admission.ts';
import { type CelType, dynType } from '#api/cel/types/type.ts';
import type {
  ExpressionWarning,
  NamedRuleWithOperations,
  ValidatingAdmissionPolicySpec,
} from '#api/generated/types.gen.ts';
import type { GroupVersionKind } from '#api/schema/schema.ts';
import { builtInTypes, groupVersionOf, type KindTypes } from './kind-types.ts';

/** Of one policy. */
const kindsMax = 10;

export function expressionWarnings(
  spec: ValidatingAdmissionPolicySpec,
  types: KindTypes = builtInTypes,
): ExpressionWarning[] {
  const checkers = kindsOf(spec, types).flatMap((kind) => {
    const type = types.typeOf(kind);
    return type ? [checkerOf(spec, kind, type, types)] : [];
  });
  const warn = (fieldRef: string, expression: string | undefined) => {
    const texts = expression ? checkers.flatMap((check) => check(expression) ?? []) : [];
    return texts.length === 0 ? [] : [{ fieldRef, warning: texts.join('\n') }];
  };
  return (spec.validations ?? []).flatMap(({ expression, messageExpression }, i) => [
    ...warn(`spec.validations[${i}].expression`, expression),
    ...warn(`spec.validations[${i}].messageExpression`, messageExpression),
  ]);
}

/** Checks expressions about objects of one kind. */
function checkerOf(
  { paramKind, variables = [] }: ValidatingAdmissionPolicySpec,
  { group, version, kind }: GroupVersionKind,
  type: CelType,
  types: KindTypes,
): (expression: string) => string | undefined {
  const hasParams = paramKind !== undefined;
  const params =
    paramKind && types.typeOf({ ...groupVersionOf(paramKind.apiVersion ?? ''), kind: paramKind.kind ?? '' });
  const environment = admissionEnvironment({ hasParams, hasAuthorizer: true }).with({
    object: type,
    oldObject: type,
    ...(hasParams ? { params: params ?? dynType } : {}),
  });
  const composition = new Composition(environment);
  for (const variable of variables) composition.declare(variable.name, variable.expression);
  return (expression) => {
    const compilation = compile(expression, composition.environment);
    // Only what the checker finds: whether the expression can be run has been seen when the policy was written.
    if (isProgram(compilation) || compilation.issues.length === 0) return undefined;
    return `${group}/${version}, Kind=${kind}: ${compilation.text}\n`;
  };
}

/** Rules with a wildcard for groups or versions say nothing of types. */
function kindsOf({ matchConstraints }: ValidatingAdmissionPolicySpec, types: KindTypes): GroupVersionKind[] {
  const kinds = new Map<string, GroupVersionKind>();
  for (const rule of matchConstraints?.resourceRules ?? []) {
    const found = kindsOfRule(rule, types).slice(0, kindsMax);
    for (const kind of found) kinds.set(sortKey(kind), kind);
    if (found.length === kindsMax) break;
  }
  return [...kinds].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, kind]) => kind);
}

const sortKey = ({ group, version, kind }: GroupVersionKind) => `${group}\n${version}\n${kind}`;

function kindsOfRule(
  { apiGroups, apiVersions, resources }: NamedRuleWithOperations,
  types: KindTypes,
): GroupVersionKind[] {
  const hasWildcard = (texts: readonly string[] = []) => texts.some((text) => text.includes('*'));
  if (hasWildcard(apiGroups) || hasWildcard(apiVersions)) return [];
  const names = (resources ?? []).filter((resource) => !/[*/]/.test(resource)).sort();
  return (apiGroups ?? []).toSorted().flatMap((group) =>
    (apiVersions ?? []).toSorted().flatMap((version) =>
      names.flatMap((name) => {
        const found = types.kindOf(group, version, name);
        return found ? [{ group, version, kind: found.kind }] : [];
      }),
    ),
  );
}
