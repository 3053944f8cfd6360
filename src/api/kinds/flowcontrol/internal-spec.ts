/** The specs of this group as upstream's messages show them: its internal structs, with `null` for what is absent. */

import { GoText } from '../../go/text.ts';

interface Struct {
  readonly [field: string]: Shape;
}

/** `0`: its zero value where it is absent. A list of one struct: a list of such structs. */
type Shape = '' | 0 | false | null | Struct | { readonly pointer: Struct } | readonly [Struct];

const resourceRule: Struct = {
  verbs: null,
  apiGroups: null,
  resources: null,
  clusterScope: false,
  namespaces: null,
};
const subject: Struct = {
  kind: '',
  user: { pointer: { name: '' } },
  group: { pointer: { name: '' } },
  serviceAccount: { pointer: { namespace: '', name: '' } },
};
const flowSchemaSpec: Struct = {
  priorityLevelConfiguration: { name: '' },
  matchingPrecedence: 0,
  distinguisherMethod: { pointer: { type: '' } },
  rules: [
    {
      subjects: [subject],
      resourceRules: [resourceRule],
      nonResourceRules: [{ verbs: null, nonResourceURLs: null }],
    },
  ],
};

const queuing: Struct = { queues: 0, handSize: 0, queueLengthLimit: 0 };
const levelSpec: Struct = {
  type: '',
  limited: {
    pointer: {
      nominalConcurrencyShares: 0,
      limitResponse: { type: '', queuing: { pointer: queuing } },
      lendablePercent: null,
      borrowingLimitPercent: null,
    },
  },
  exempt: { pointer: { nominalConcurrencyShares: null, lendablePercent: null } },
};

export const flowSchemaSpecText = (spec: unknown) => textOf(spec, flowSchemaSpec);
export const levelSpecText = (spec: unknown) => textOf(spec, levelSpec);

function textOf(spec: unknown, struct: Struct): GoText {
  return new GoText(JSON.stringify(formOf(spec, struct)));
}

function formOf(value: unknown, shape: Shape): unknown {
  if (isList(shape)) {
    return Array.isArray(value) && value.length > 0 ? value.map((item) => formOf(item, shape[0])) : null;
  }
  if (shape === null || typeof shape !== 'object') return value ?? shape;
  if (isPointer(shape)) return value === undefined ? null : formOf(value, shape.pointer);
  const fields = (value ?? {}) as Readonly<Record<string, unknown>>;
  return Object.fromEntries(
    Object.entries(shape).map(([name, inner]) => [goName(name), formOf(fields[name], inner)]),
  );
}

function isList(shape: Shape): shape is readonly [Struct] {
  return Array.isArray(shape);
}

function isPointer(shape: object): shape is { readonly pointer: Struct } {
  return 'pointer' in shape;
}

function goName(name: string): string {
  return name === 'apiGroups' ? 'APIGroups' : name[0]!.toUpperCase() + name.slice(1);
}
