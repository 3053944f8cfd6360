/** Checks of authorization: `authorizer.group('').resource('pods').namespace('default').check('delete').allowed()`. */

import { serviceAccountUser, type UserInfo } from '../../meta/user.ts';
import { dns1123Label, dns1123Subdomain } from '../../validation/validators.ts';
import type { Library } from '../declarations/environment.ts';
import { declare, method } from '../declarations/function.ts';
import { boolType, type CelType, objectType, stringType } from '../types/type.ts';
import { OpaqueValue } from '../values/equal.ts';
import { ErrorValue, noSuchOverload, type Value } from '../values/value.ts';

const typeNamed = (name: string): CelType => objectType(`kubernetes.authorization.${name}`, new Map());

export const authorizerType = typeNamed('Authorizer');
const pathCheckType = typeNamed('PathCheck');
const groupCheckType = typeNamed('GroupCheck');
export const resourceCheckType = typeNamed('ResourceCheck');
const decisionType = typeNamed('Decision');

/** The attributes of an authorization check in an expression. */
export type AccessQuestion = { readonly user: UserInfo; readonly verb: string } & (
  | { readonly path: string }
  | {
      readonly group: string;
      readonly resource: string;
      readonly subresource: string;
      readonly namespace: string;
      readonly name: string;
      readonly fieldSelector: string;
      readonly labelSelector: string;
    }
);

export interface AccessAnswer {
  readonly isAllowed: boolean;
  readonly reason: string;
  /** The error of an authorizer that could not decide; empty otherwise. */
  readonly error: string;
}

/** Synchronous: expressions cannot wait. */
export type Ask = (question: AccessQuestion) => AccessAnswer;

abstract class ReceiverValue extends OpaqueValue {
  equals(other: Value): boolean | ErrorValue {
    return other instanceof ReceiverValue ? this === other : noSuchOverload;
  }
}

export class AuthorizerValue extends ReceiverValue {
  readonly type = authorizerType;
  readonly user: UserInfo;
  readonly ask: Ask;

  constructor(user: UserInfo, ask: Ask) {
    super();
    this.user = user;
    this.ask = ask;
  }
}

class PathCheck extends ReceiverValue {
  readonly type = pathCheckType;
  readonly authorizer: AuthorizerValue;
  readonly path: string;

  constructor(authorizer: AuthorizerValue, path: string) {
    super();
    this.authorizer = authorizer;
    this.path = path;
  }
}

class GroupCheck extends ReceiverValue {
  readonly type = groupCheckType;
  readonly authorizer: AuthorizerValue;
  readonly group: string;

  constructor(authorizer: AuthorizerValue, group: string) {
    super();
    this.authorizer = authorizer;
    this.group = group;
  }
}

interface ResourceParts {
  readonly resource: string;
  readonly subresource?: string;
  readonly namespace?: string;
  readonly name?: string;
  readonly fieldSelector?: string;
  readonly labelSelector?: string;
}

class ResourceCheck extends ReceiverValue {
  readonly type = resourceCheckType;
  readonly group: GroupCheck;
  readonly parts: ResourceParts;

  constructor(group: GroupCheck, parts: ResourceParts) {
    super();
    this.group = group;
    this.parts = parts;
  }

  with(parts: Partial<ResourceParts>): ResourceCheck {
    return new ResourceCheck(this.group, { ...this.parts, ...parts });
  }
}

class Decision extends ReceiverValue {
  readonly type = decisionType;
  readonly answer: AccessAnswer;

  constructor(answer: AccessAnswer) {
    super();
    this.answer = answer;
  }
}

/** The value of `authorizer.requestResource`: a check of the resource that the request is about. */
export function resourceCheckOf(authorizer: AuthorizerValue, group: string, parts: ResourceParts): Value {
  return new ResourceCheck(new GroupCheck(authorizer, group), parts);
}

function path(authorizer: AuthorizerValue, text: string): Value {
  return text.trim() === '' ? new ErrorValue('path must not be empty') : new PathCheck(authorizer, text);
}

function serviceAccount(authorizer: AuthorizerValue, namespace: string, name: string): Value {
  if (dns1123Subdomain(name).length > 0) return new ErrorValue('Invalid service account name');
  if (dns1123Label(namespace).length > 0) return new ErrorValue('Invalid service account namespace');
  return new AuthorizerValue(serviceAccountUser(namespace, name), authorizer.ask);
}

function resource(group: GroupCheck, text: string): Value {
  if (text.trim() === '') return new ErrorValue('resource must not be empty');
  return new ResourceCheck(group, { resource: text });
}

function checkPath({ authorizer, path: text }: PathCheck, verb: string): Value {
  return new Decision(authorizer.ask({ user: authorizer.user, verb, path: text }));
}

function checkResource({ group, parts }: ResourceCheck, verb: string): Value {
  const { authorizer } = group;
  const defaults = { subresource: '', namespace: '', name: '', fieldSelector: '', labelSelector: '' };
  const question = { user: authorizer.user, verb, group: group.group, ...defaults, ...parts };
  return new Decision(authorizer.ask(question));
}

const withPart = (
  name: 'subresource' | 'namespace' | 'name' | 'fieldSelector' | 'labelSelector',
  id: string,
) =>
  declare(
    name,
    method(id, [resourceCheckType, stringType], resourceCheckType, (check: ResourceCheck, text: string) =>
      check.with({ [name]: text }),
    ),
  );

const ofDecision = (name: string, type: CelType, read: (answer: AccessAnswer) => Value) =>
  declare(
    name,
    method(`decision_${name}`, [decisionType], type, ({ answer }: Decision) => read(answer)),
  );

export const authorization: Library = {
  functions: [
    declare('path', method('authorizer_path', [authorizerType, stringType], pathCheckType, path)),
    declare(
      'group',
      method(
        'authorizer_group',
        [authorizerType, stringType],
        groupCheckType,
        (authorizer: AuthorizerValue, text: string) => new GroupCheck(authorizer, text),
      ),
    ),
    declare(
      'serviceAccount',
      method(
        'authorizer_serviceaccount',
        [authorizerType, stringType, stringType],
        authorizerType,
        serviceAccount,
      ),
    ),
    declare(
      'resource',
      method('groupcheck_resource', [groupCheckType, stringType], resourceCheckType, resource),
    ),
    withPart('subresource', 'resourcecheck_subresource'),
    withPart('namespace', 'resourcecheck_namespace'),
    withPart('name', 'resourcecheck_name'),
    withPart('fieldSelector', 'authorizer_fieldselector'),
    withPart('labelSelector', 'authorizer_labelselector'),
    declare(
      'check',
      method('pathcheck_check', [pathCheckType, stringType], decisionType, checkPath),
      method('resourcecheck_check', [resourceCheckType, stringType], decisionType, checkResource),
    ),
    ofDecision('errored', boolType, ({ error }) => error !== ''),
    ofDecision('error', stringType, ({ error }) => error),
    ofDecision('allowed', boolType, ({ isAllowed }) => isAllowed),
    ofDecision('reason', stringType, ({ reason }) => reason),
  ],
};
