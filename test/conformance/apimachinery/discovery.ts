/** The server's description of itself: its version, its groups and their resources. */

import assert from 'node:assert/strict';
import { type Behaviour, type BehaviourContext, behaviour } from '../behaviour.ts';

interface GroupVersion {
  groupVersion: string;
  version: string;
}

interface Group {
  name: string;
  versions: GroupVersion[];
  preferredVersion: GroupVersion;
}

async function groups({ client }: BehaviourContext): Promise<Group[]> {
  const list = (await client.raw('GET', '/apis')) as { groups: Group[] };
  assert.ok(list.groups.length > 0);
  return list.groups;
}

async function preferred(context: BehaviourContext): Promise<void> {
  for (const group of await groups(context)) {
    const served = (await context.client.raw('GET', `/apis/${group.name}`)) as Group;
    assert.deepEqual(served.preferredVersion, group.preferredVersion);
    const found = served.versions.find(
      ({ groupVersion }) => groupVersion === served.preferredVersion.groupVersion,
    );
    assert.equal(found?.version, served.preferredVersion.version, group.name);
  }
}

async function resources(context: BehaviourContext): Promise<void> {
  for (const { name, versions } of await groups(context)) {
    for (const { groupVersion, version } of versions) {
      assert.equal(groupVersion, `${name}/${version}`);
      const list = (await context.client.raw('GET', `/apis/${groupVersion}`)) as {
        kind: string;
        groupVersion: string;
        resources: { name: string; kind: string; verbs: string[] }[];
      };
      assert.equal(list.kind, 'APIResourceList');
      assert.equal(list.groupVersion, groupVersion);
      assert.ok(
        list.resources.some((resource) => resource.name && resource.kind && resource.verbs.length > 0),
        groupVersion,
      );
    }
  }
}

async function version({ client }: BehaviourContext): Promise<void> {
  const reported = (await client.raw('GET', '/version')) as { major: string; minor: string };
  assert.match(reported.major, /^\d+$/);
  assert.match(reported.minor, /^\d+$/);
}

export const discovery: readonly Behaviour[] = [
  behaviour(
    '[sig-api-machinery] Discovery should validate PreferredVersion for each APIGroup [Conformance]',
    preferred,
  ),
  behaviour(
    '[sig-api-machinery] Discovery should locate the groupVersion and a resource within each APIGroup [Conformance]',
    resources,
  ),
];

export const serverVersion: readonly Behaviour[] = [
  behaviour('[sig-api-machinery] server version should find the server version [Conformance]', version),
];
