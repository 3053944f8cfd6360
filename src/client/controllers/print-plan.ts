/**
 * A plan as text, for logs and tests: one line a step, what follows a step indented below it, equal steps
 * counted.
 *
 *     together slow-start expected
 *       create Pod default/web-* (3 times)
 *         then event Normal SuccessfulCreate "Created pod: <name>"
 *     status ReplicaSet default/web
 *     again after 1000 ms
 */

import type { KubeObject } from '#api/meta/object.ts';
import type { ResourceType } from '#api/meta/resource.ts';
import type { Action, Ignored, Plan, Target } from './plan.ts';

const indentation = '  ';

export function printPlan({ actions, againInMs }: Plan): string[] {
  const lines = printActions(actions);
  return againInMs === undefined ? lines : [...lines, `again after ${againInMs} ms`];
}

function printActions(actions: readonly Action[]): string[] {
  const steps = actions.map(printAction);
  const lines: string[] = [];
  for (let i = 0, next = 0; i < steps.length; i = next) {
    const [first = '', ...rest] = steps[i]!;
    const text = steps[i]!.join('\n');
    while (next < steps.length && (next <= i || steps[next]!.join('\n') === text)) next++;
    lines.push(next - i === 1 ? first : `${first} (${next - i} times)`, ...rest);
  }
  return lines;
}

/** The step, and what follows it. */
function printAction(action: Action): string[] {
  const lines = [headOf(action)];
  if (action.do === 'together') lines.push(...printActions(action.actions).map(indent));
  const follow = (when: string, actions: readonly Action[] = []) => {
    lines.push(...printActions(actions).map((line) => `${indentation}${when} ${line}`));
  };
  if ('ifDone' in action) follow('then', action.ifDone);
  if ('ifTaken' in action) follow('if taken', action.ifTaken?.length === 0 ? undefined : action.ifTaken);
  if ('ifFailed' in action) follow('if failed', action.ifFailed);
  if ('ifNamespaceTerminates' in action) follow('if the namespace terminates', action.ifNamespaceTerminates);
  return lines;
}

function headOf(action: Action): string {
  switch (action.do) {
    case 'create':
      return `create ${nameOf(action.type, action.object)}`;
    case 'update': {
      const { type, object, subresource, ignore } = action;
      return join(
        'update',
        `${nameOf(type, object)}${subresource ? `/${subresource}` : ''}`,
        ignoring(ignore),
      );
    }
    case 'updateStatus': {
      const { type, object, failureIn } = action;
      return join('status', nameOf(type, object), failureIn && `with the failure in ${failureIn}`);
    }
    case 'patch': {
      const at = `${printTarget(action)}${action.subresource ? `/${action.subresource}` : ''}`;
      return join('patch', at, JSON.stringify(action.patch), ignoring(action.ignore));
    }
    case 'delete': {
      const policy = action.options?.propagationPolicy;
      return join(
        'delete',
        printTarget(action),
        policy && `in the ${policy}`.toLowerCase(),
        ignoring(action.ignore),
      );
    }
    case 'event': {
      const ending = action.ends ? `<${action.ends}>` : '';
      return `event ${action.eventType} ${action.reason} ${JSON.stringify(`${action.message}${ending}`)}`;
    }
    case 'together':
      return join('together', action.slowStart && 'slow-start', action.expected && 'expected');
    case 'assertLive':
      return `assert live ${printTarget(action)}`;
    case 'wake':
      return `wake ${action.keys.join(', ')}`;
    case 'special':
      return `${action.step} ${action.about}`;
  }
}

function nameOf(type: ResourceType, { metadata = {} }: KubeObject): string {
  const { namespace, name, generateName = '' } = metadata;
  return printTarget({ type, ...(namespace ? { namespace } : {}), name: name || `${generateName}*` });
}

export function printTarget({ type, namespace, name }: Target): string {
  return `${type.kind} ${namespace ? `${namespace}/` : ''}${name}`;
}

function ignoring(ignored: Ignored | undefined): string | undefined {
  if (ignored === undefined) return undefined;
  return `ignoring ${ignored === 'any' ? 'any refusal' : ignored.join(', ')}`;
}

function join(...words: (string | false | undefined)[]): string {
  return words.filter(Boolean).join(' ');
}

function indent(line: string): string {
  return `${indentation}${line}`;
}
