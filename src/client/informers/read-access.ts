/** Whether the identity of a client may list and watch a selection, as a reflector has to. */

import { selfSubjectAccessReviews } from '#api/generated/kinds.gen.ts';
import type { ResourceType } from '#api/meta/resource.ts';
import type { Client } from '../client.ts';
import type { Selection } from './informer.ts';

/** An identity that reads more selections than this often may read everything: that is checked once. */
const singleQuestionsMax = 3;

export interface ReadAccess {
  readonly isAllowed: boolean;
  /** Granted by roles and bindings, which can also revoke it. */
  readonly isByRbac: boolean;
}

type Resource = Pick<ResourceType, 'group' | 'version' | 'resource'>;

const everything: Resource = { group: '*', version: '*', resource: '*' };

export class ReadRights {
  readonly #client: Client;
  #questions = 0;
  #ofEverything: Promise<ReadAccess> | undefined;

  constructor(client: Client) {
    this.#client = client;
  }

  async access(type: ResourceType, selection: Selection): Promise<ReadAccess> {
    this.#questions++;
    if (this.#questions > singleQuestionsMax) {
      this.#ofEverything ??= readAccess(this.#client, everything, {});
      const access = await this.#ofEverything;
      if (access.isAllowed) return access;
    }
    return readAccess(this.#client, type, selection);
  }

  /** Roles or bindings have changed, or a question was not answered. */
  forget(): void {
    this.#ofEverything = undefined;
  }
}

async function readAccess(client: Client, resource: Resource, selection: Selection): Promise<ReadAccess> {
  let isByRbac = false;
  for (const verb of ['list', 'watch']) {
    const { status } = await client.create(selfSubjectAccessReviews, {
      spec: { resourceAttributes: attributesOf(verb, resource, selection) },
    });
    if (!status?.allowed) return { isAllowed: false, isByRbac: true };
    isByRbac ||= status.reason?.startsWith('RBAC:') ?? false;
  }
  return { isAllowed: true, isByRbac };
}

function attributesOf(verb: string, { group, version, resource }: Resource, selection: Selection) {
  const { namespace, fieldSelector, labelSelector } = selection;
  // The API server takes such a list for a request for that object.
  const name = /^metadata\.name=([^,]+)$/.exec(fieldSelector ?? '')?.[1];
  return {
    verb,
    group,
    version,
    resource,
    ...(namespace ? { namespace } : {}),
    ...(name ? { name } : {}),
    ...(fieldSelector ? { fieldSelector: { rawSelector: fieldSelector } } : {}),
    ...(labelSelector ? { labelSelector: { rawSelector: labelSelector } } : {}),
  };
}
