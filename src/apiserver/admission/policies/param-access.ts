/**
 * The author of a policy or a binding with params must be allowed to read them, since messages of expressions could
 * reveal them. Members of system:masters are not checked. Follows upstream's strategies of these kinds.
 */

import {
  mutatingAdmissionPolicies,
  mutatingAdmissionPolicyBindings,
  validatingAdmissionPolicies,
  validatingAdmissionPolicyBindings,
} from '#api/generated/kinds.gen.ts';
import type { ParamKind, ParamRef } from '#api/generated/types.gen.ts';
import { apiVersionOf, type ResourceType } from '#api/meta/resource.ts';
import { groupMasters, type UserInfo } from '#api/meta/user.ts';
import { forbiddenField } from '#api/validation/field-error.ts';
import type {
  AuthorizationAttributes,
  AuthorizationDecision,
  Authorizer,
} from '../../contract/authorization.ts';
import type { JudgedWrite, StorageHooks } from '../../contract/storage-hooks.ts';
import type { ObjectReader } from '../../contract/stored-objects.ts';
import type { Resources } from '../../registry/resources.ts';
import type { Policy, PolicyBinding } from './bound-policies.ts';

export interface ParamAccess {
  readonly authorizer: Authorizer;
  readonly reader: ObjectReader;
  readonly resources: Pick<Resources, 'all'>;
}

/** Why the author may not read the params; undefined if reading is allowed. */
type Check = (access: ParamAccess, write: JudgedWrite) => Promise<string | undefined>;

export function paramAccessHooks(access: ParamAccess): readonly StorageHooks[] {
  const hooksOf = ({ group, resource }: ResourceType, field: string, check: Check): StorageHooks => ({
    group,
    resource,
    // A policy or binding that is not valid may name nothing that can be asked about.
    async permit(write, invalid) {
      if (invalid.length > 0 || write.user.groups.includes(groupMasters)) return invalid;
      const why = await check(access, write);
      return why === undefined ? [] : [forbiddenField(field, why)];
    },
  });
  const bindings = (type: ResourceType, policies: ResourceType, texts: BindingTexts) =>
    hooksOf(type, 'spec.paramRef', (_, write) => checkBinding(access, write, policies, texts));
  return [
    hooksOf(validatingAdmissionPolicies, 'spec.paramKind', checkPolicy),
    hooksOf(mutatingAdmissionPolicies, 'spec.paramKind', checkPolicy),
    bindings(validatingAdmissionPolicyBindings, validatingAdmissionPolicies, textsOfValidating),
    bindings(mutatingAdmissionPolicyBindings, mutatingAdmissionPolicies, textsOfMutating),
  ];
}

async function checkPolicy(
  access: ParamAccess,
  { object, old, user }: JudgedWrite,
): Promise<string | undefined> {
  const kind = (object as Policy).spec?.paramKind;
  const oldKind = (old as Policy | undefined)?.spec?.paramKind;
  if (!kind || (oldKind?.kind === kind.kind && oldKind?.apiVersion === kind.apiVersion)) return undefined;
  const asked = { user, verb: 'get', name: '*', namespace: '*', ...minimum(access, kind).wanted };
  const { decision, error } = await authorize(access, asked);
  if (decision === 'allow') return undefined;
  const objects = `all objects of the referenced paramKind (kind=${kind.kind}, apiVersion=${kind.apiVersion})`;
  return error ?? `user ${shownUser(user)} must have "get" permission on ${objects}`;
}

interface BindingTexts {
  refused(user: string, verb: string): string;
  failed(error: string): string;
}

const refused = (user: string, verb: string) =>
  `user ${user} does not have "${verb}" permission on the object referenced by paramRef`;

const textsOfValidating: BindingTexts = {
  refused,
  failed: (error) => `failed to authorize request: ${error}`,
};
/** Upstream swaps user and verb in this message. */
const textsOfMutating: BindingTexts = {
  refused: (user, verb) => refused(verb, user),
  failed: (error) => error,
};

/** Checked at every update: upstream compares pointers to parts of the binding, which always differ. */
async function checkBinding(
  access: ParamAccess,
  { object, user }: JudgedWrite,
  policies: ResourceType,
  texts: BindingTexts,
): Promise<string | undefined> {
  const { paramRef, policyName = '' } = (object as PolicyBinding).spec ?? {};
  if (!paramRef) return undefined;
  const policy = access.reader.get(policies, '', policyName) as Policy | undefined;
  const { wanted, isKnown } = minimum(access, policy?.spec?.paramKind);
  const verb = paramRef.name ? 'get' : 'list';
  const asked = { user, verb, ...placeOf(paramRef), ...wanted };
  const { decision, error } = await authorize(access, asked);
  if (decision === 'allow') return undefined;
  if (error !== undefined) return texts.failed(error);
  const shown = shownUser(user);
  const everything = `to determine minimum required permissions and user ${shown} does not have "${verb}" permission for all groups, versions and resources`;
  if (!policy) return `unable to get policy ${policyName} ${everything}`;
  if (!isKnown) return `unable to resolve paramKind ${shownKind(policy.spec!.paramKind!)} ${everything}`;
  return texts.refused(shown, verb);
}

const placeOf = ({ name = '', namespace = '' }: ParamRef) => ({ name, namespace });

const all = { group: '*', version: '*', resource: '*' };

/** The smallest known set of resources with the params: all resources for an unknown kind. */
function minimum({ resources }: ParamAccess, kind: ParamKind | undefined) {
  if (!kind) return { wanted: all, isKnown: true };
  const [version = '', group = ''] = (kind.apiVersion ?? '').split('/').toReversed();
  const found = resources.all.find(
    ({ type }) => type.kind === kind.kind && apiVersionOf(type) === kind.apiVersion,
  );
  const resource = found?.type.resource ?? '*';
  return { wanted: { group, version, resource }, isKnown: found !== undefined };
}

type Asked = Omit<AuthorizationAttributes, 'isResource' | 'path' | 'subresource'>;

async function authorize({ authorizer }: ParamAccess, asked: Asked): Promise<AuthorizationDecision> {
  return authorizer.authorize({ ...asked, isResource: true, path: '', subresource: '' });
}

/** As Go prints the reference to a user. */
function shownUser({ name, uid = '', groups, extra = {} }: UserInfo): string {
  const entries = Object.keys(extra)
    .sort()
    .map((key) => `${key}:[${extra[key]!.join(' ')}]`);
  return `&{${name} ${uid} [${groups.join(' ')}] map[${entries.join(' ')}]}`;
}

/** As Go prints the message of protobuf. */
const shownKind = ({ apiVersion = '', kind = '' }: ParamKind) =>
  `&ParamKind{APIVersion:${apiVersion},Kind:${kind},}`;
